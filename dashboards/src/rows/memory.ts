/** Fourth row: memory and keys. */
import { thisNode } from '../links.js'
import { rangeQuery, timeseries } from '../panels.js'
import * as query from '../queries/memory.js'

const used = timeseries({
  title: 'Memory used',
  description: 'Memory that data, buffers and overhead take, and the limit (maxmemory) where there is one.',
  unit: 'bytes',
  width: 12,
  queries: [
    rangeQuery('A', query.memoryUsed, '{{instance}}'),
    rangeQuery('B', query.memoryMax, '{{instance}} maxmemory'),
  ],
})
  .overrideByQuery('B', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } }])
  .dataLinks([thisNode])

const share = timeseries({
  title: 'Memory of maxmemory',
  description:
    'Memory used as a share of maxmemory; no line where maxmemory is 0 (no limit). Under noeviction 100% means that writes are refused; a cache that evicts is meant to be full.',
  unit: 'percentunit',
  width: 12,
  queries: [rangeQuery('A', query.memoryShare, '{{instance}}')],
})
  .noValue('maxmemory is 0: no limit')
  .dataLinks([thisNode])

const evicted = timeseries({
  title: 'Evicted keys',
  description: 'Keys a second thrown away because memory was full.',
  unit: 'ops',
  width: 6,
  queries: [rangeQuery('A', query.evicted, '{{instance}}')],
}).dataLinks([thisNode])

const expired = timeseries({
  title: 'Expired keys',
  description: 'Keys a second whose time to live was over.',
  unit: 'ops',
  width: 6,
  queries: [rangeQuery('A', query.expired, '{{instance}}')],
}).dataLinks([thisNode])

const keys = timeseries({
  title: 'Keys',
  description:
    'Keys on each node, and those of them with a time to live. Nodes of a shard that differ for long are not in sync.',
  unit: 'locale',
  width: 6,
  queries: [
    rangeQuery('A', query.keys, '{{instance}}'),
    rangeQuery('B', query.keysExpiring, '{{instance}} with a time to live'),
  ],
})
  .overrideByQuery('B', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [2, 4] } }])
  .dataLinks([thisNode])

const fragmentation = timeseries({
  title: 'Fragmentation',
  description:
    'Memory of the process over memory used. Above 1.5 on a node that uses much: memory is wasted. Below 1: it is swapped out.',
  unit: 'none',
  width: 6,
  queries: [rangeQuery('A', query.fragmentation, '{{instance}}')],
}).dataLinks([thisNode])

export const memory = [used, share, evicted, expired, keys, fragmentation]
