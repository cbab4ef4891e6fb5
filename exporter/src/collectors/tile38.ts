import type { Samples } from '../exposition/families.js'
import { pairsOf, type NodeReading } from '../redis/replies.js'
import { gauge, numberOf, repliesOf, type Collector } from './table.js'

/** SERVER EXT of Tile38; fields carry the prefix or not, depending on the version. https://tile38.com/commands/server/ */
const FIELDS = {
  tile38_aof_size: gauge('tile38_aof_size_bytes', 'Bytes of the append-only file.'),
  tile38_avg_point_size: gauge('tile38_avg_item_size_bytes', 'Average bytes of a point.'),
  tile38_sys_cpus: gauge('tile38_cpus_total', 'CPUs of the host.'),
  tile38_heap_released_bytes: gauge('tile38_heap_released_bytes', 'Bytes given back to the system.'),
  tile38_heap_alloc_bytes: gauge('tile38_heap_size_bytes', 'Bytes of the heap.'),
  tile38_http_transport: gauge('tile38_http_transport', '1 when HTTP is on.'),
  tile38_in_memory_size: gauge('tile38_in_memory_size_bytes', 'Bytes of the data in memory.'),
  tile38_max_heap_size: gauge('tile38_max_heap_size_bytes', 'Limit of the heap in bytes.'),
  tile38_alloc_bytes: gauge('tile38_mem_alloc_bytes', 'Allocated bytes.'),
  tile38_num_collections: gauge('tile38_num_collections_total', 'Collections.'),
  tile38_num_hooks: gauge('tile38_num_hooks_total', 'Hooks.'),
  tile38_num_objects: gauge('tile38_num_objects_total', 'Objects.'),
  tile38_num_points: gauge('tile38_num_points_total', 'Points.'),
  tile38_pointer_size: gauge('tile38_pointer_size_bytes', 'Bytes of a pointer.'),
  tile38_read_only: gauge('tile38_read_only', '1 when the server is read-only.'),
  tile38_go_threads: gauge('tile38_threads_total', 'Threads.'),
  tile38_go_goroutines: gauge('tile38_go_goroutines_total', 'Goroutines.'),
  tile38_last_gc_time_seconds: gauge('tile38_last_gc_time_seconds', 'When garbage was last collected.'),
  tile38_next_gc_bytes: gauge('tile38_next_gc_bytes', 'Heap size at which garbage is collected next.'),
}

const rules = new Map(Object.entries(FIELDS))

export const tile38: Collector = {
  name: 'tile38',
  source: 'SERVER EXT',
  readings: ['tile38'],
  families: Object.values(FIELDS).map(({ family }) => family),
  collect(reading: NodeReading, samples: Samples): void {
    const values = new Map(
      [...pairsOf(repliesOf(reading, 'tile38')[0])].map(([field, value]) => [
        field.startsWith('tile38_') ? field : `tile38_${field}`,
        value,
      ]),
    )
    for (const [field, value] of values) {
      const number =
        typeof value === 'number' ? value : numberOf(typeof value === 'string' ? value : undefined)
      const rule = rules.get(field)
      if (rule && number !== undefined) samples.add(rule.family, number)
    }
  },
}
