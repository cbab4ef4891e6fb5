import { family, repliesOf, type Collector } from './table.js'

const size = family(
  'gauge',
  'rdb_current_size_bytes',
  'Bytes of the RDB file; 0 when there is none. Only where the exporter sees the files of the node.',
)

/** The size of the file that CONFIG's dir and dbfilename name, as the reader found it. */
export const rdbFile: Collector = {
  name: 'rdb_file',
  source: 'CONFIG dir and dbfilename, the file itself',
  readings: ['rdb_file'],
  families: [size],
  collect(reading, samples) {
    const [bytes] = repliesOf(reading, 'rdb_file')
    if (typeof bytes === 'number') samples.add(size, bytes)
  },
}
