import type { Family, Samples } from '../exposition/families.js'
import { decode, pairsOf, type NodeReading } from '../redis/replies.js'
import { family, numberOf, type Collector } from './table.js'

/** FT.INFO: field -> family; what the server gives in MiB is bytes. A field that it does not have is 0, as in redis_exporter. */
const gaugeOf = (name: string, help: string): Family => family('gauge', `search_index_${name}`, help)

const PLAIN: Readonly<Record<string, Family>> = {
  num_docs: gaugeOf('num_docs', 'Documents in the index.'),
  max_doc_id: gaugeOf('max_doc_id', 'Highest document id.'),
  num_terms: gaugeOf('num_terms', 'Distinct terms.'),
  num_records: gaugeOf('num_records', 'Records in the inverted index.'),
  total_inverted_index_blocks: gaugeOf('total_inverted_index_blocks', 'Blocks of the inverted index.'),
  records_per_doc_avg: gaugeOf('avg_per_doc_records', 'Average records of a document, deletions included.'),
  bytes_per_record_avg: gaugeOf('avg_per_record_bytes', 'Average bytes of a record.'),
  offsets_per_term_avg: gaugeOf('avg_per_term_offsets', 'Average offsets of a term.'),
  offset_bits_per_record_avg: gaugeOf(
    'avg_per_record_offset_bits',
    'Average bits for the offsets of a record.',
  ),
  indexing: gaugeOf('indexing', '1 while the index is being made.'),
  percent_indexed: gaugeOf('percent_indexed', 'Share of the index that is made, from 0 to 1.'),
  hash_indexing_failures: gaugeOf('hash_indexing_failures', 'Documents that could not be indexed.'),
  number_of_uses: family('counter', 'search_index_number_of_uses_total', 'Times that the index was used.'),
  cleaning: gaugeOf('cleaning', '1 while the index is being deleted.'),
}

const MEBIBYTES: Readonly<Record<string, Family>> = {
  inverted_sz_mb: gaugeOf('inverted_size_bytes', 'Bytes of the inverted index.'),
  vector_index_sz_mb: gaugeOf('vector_index_size_bytes', 'Bytes of the vector index.'),
  offset_vectors_sz_mb: gaugeOf('offset_vectors_size_bytes', 'Bytes of the offset vectors.'),
  doc_table_size_mb: gaugeOf('doc_table_size_bytes', 'Bytes of the document table.'),
  sortable_values_size_mb: gaugeOf('sortable_values_size_bytes', 'Bytes of the sortable values.'),
  key_table_size_mb: gaugeOf('key_table_size_bytes', 'Bytes of the key table.'),
  tag_overhead_sz_mb: gaugeOf('tag_overhead_size_bytes', 'Bytes of the TAG structures.'),
  text_overhead_sz_mb: gaugeOf('text_overhead_size_bytes', 'Bytes of the TEXT structures.'),
  total_index_memory_sz_mb: gaugeOf('total_index_memory_size_bytes', 'Bytes of all indexes of the database.'),
  geoshapes_sz_mb: gaugeOf('geoshapes_size_bytes', 'Bytes of the GEO fields.'),
}

const MEBIBYTE = 1024 * 1024

export const searchIndexes: Collector = {
  name: 'search_indexes',
  source: 'FT.INFO',
  readings: ['search_indexes'],
  families: [...Object.values(PLAIN), ...Object.values(MEBIBYTES)],
  collect: collectIndexes,
}

function collectIndexes(reading: NodeReading, samples: Samples): void {
  const seen = new Set<string>()
  for (const { frame } of reading.replies?.get('search_indexes')?.more ?? []) {
    const fields = pairsOf(decode(frame))
    const name = fields.get('index_name')
    if (typeof name !== 'string' || seen.has(name)) continue
    seen.add(name)
    const add = (families: Readonly<Record<string, Family>>, factor: number) => {
      for (const [field, family] of Object.entries(families)) {
        const value = fields.get(field)
        const number = typeof value === 'number' ? value : numberOf(typeof value === 'string' ? value : '')
        samples.add(family, (number ?? 0) * factor, [['index_name', name]])
      }
    }
    add(PLAIN, 1)
    add(MEBIBYTES, MEBIBYTE)
  }
}
