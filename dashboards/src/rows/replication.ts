/** Sixth row: replication and redundancy. */
import { thisNode } from '../links.js'
import { rangeQuery, timeseries } from '../panels.js'
import * as query from '../queries/replication.js'

const behind = timeseries({
  title: 'Replicas behind',
  description:
    'Bytes that a replica has not confirmed yet, as its primary sees it. What is lost if the primary fails now.',
  unit: 'bytes',
  width: 12,
  queries: [rangeQuery('A', query.bytesBehind, '{{replica}} of {{instance}}')],
})

const confirmed = timeseries({
  title: 'Last confirmation',
  description:
    'Seconds since a replica last confirmed. It does so every second: more than a few mean a slow or broken link.',
  unit: 's',
  width: 12,
  queries: [rangeQuery('A', query.lastConfirmed, '{{replica}} of {{instance}}')],
})

const link = timeseries({
  title: 'Link to primary',
  description: 'Replicas only. 1: the link is up. 0: it is down, or a full resynchronisation is running.',
  unit: 'none',
  width: 8,
  queries: [rangeQuery('A', query.primaryLink, '{{instance}}')],
})
  .max(1)
  .dataLinks([thisNode])

const replicas = timeseries({
  title: 'Replicas by shard',
  description: 'Replicas of each shard that have not failed. At 0 the next failure loses slots.',
  unit: 'none',
  width: 8,
  queries: [rangeQuery('A', query.replicasByShard, '{{shard}}')],
})

const bus = timeseries({
  title: 'Bus links down',
  description:
    'Of the nodes asked, how many have lost their cluster-bus link to this node. All nodes up and links down: the bus port (port + 10000) is blocked.',
  unit: 'none',
  width: 8,
  queries: [rangeQuery('A', query.busLinksDown, '{{instance}}')],
}).dataLinks([thisNode])

export const replication = [behind, confirmed, link, replicas, bus]
