/** Third row: what clients ask and get. */
import { thisNode } from '../links.js'
import { rangeQuery, timeseries } from '../panels.js'
import * as query from '../queries/traffic.js'

const byNode = timeseries({
  title: 'Commands by node',
  description: 'Commands a second. One node far above the others is a hot shard; one at 0 is out of use.',
  unit: 'ops',
  width: 12,
  queries: [rangeQuery('A', query.commandsByNode, '{{instance}}')],
}).dataLinks([thisNode])

const byName = timeseries({
  title: 'Commands by name',
  description: 'Calls a second of each command on the chosen nodes. Reads of the exporter are among them.',
  unit: 'ops',
  width: 12,
  queries: [rangeQuery('A', query.commandsByName, '{{cmd}}')],
})

const duration = timeseries({
  title: 'Time per call',
  description:
    'Mean time of a call of each command inside the server, without network and queue. Slow ones hold up all others on the node.',
  unit: 's',
  width: 12,
  queries: [rangeQuery('A', query.timePerCall, '{{cmd}}')],
})

const hits = timeseries({
  title: 'Hits and misses',
  description: 'Reads that found their key, and reads that did not.',
  unit: 'ops',
  width: 6,
  queries: [rangeQuery('A', query.hits, 'hits'), rangeQuery('B', query.misses, 'misses')],
})

const ratio = timeseries({
  title: 'Hit ratio',
  description:
    'Share of reads that found their key; no line where nothing is read. A sudden fall after a restart or an eviction means that what is behind the cache gets the load.',
  unit: 'percentunit',
  width: 6,
  queries: [rangeQuery('A', query.hitRatio, 'hit ratio')],
}).max(1)

const errors = timeseries({
  title: 'Errors',
  description:
    'Error replies a second by kind. Redirections are not among them. CLUSTERDOWN: slots are not served. OOM: maxmemory is reached.',
  unit: 'ops',
  width: 9,
  queries: [rangeQuery('A', query.errors, '{{err}}')],
})

const redirections = timeseries({
  title: 'Redirections',
  description:
    'MOVED and ASK a second. Some are normal while slots move; a steady stream means clients with an old slot map.',
  unit: 'ops',
  width: 6,
  queries: [rangeQuery('A', query.redirections, 'MOVED and ASK')],
})

const cpu = timeseries({
  title: 'CPU',
  description:
    'Share of one core, user and system together. Commands run in one thread: near 100% the node is at its end.',
  unit: 'percentunit',
  width: 9,
  queries: [rangeQuery('A', query.cpu, '{{instance}}')],
}).dataLinks([thisNode])

export const traffic = [byNode, byName, duration, hits, ratio, errors, redirections, cpu]
