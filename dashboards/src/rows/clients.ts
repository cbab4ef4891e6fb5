/** Fifth row: clients and network. */
import { thisNode } from '../links.js'
import { rangeQuery, timeseries } from '../panels.js'
import * as query from '../queries/clients.js'

const connected = timeseries({
  title: 'Clients',
  description: 'Connected clients, without replicas.',
  unit: 'none',
  width: 6,
  queries: [rangeQuery('A', query.connected, '{{instance}}')],
}).dataLinks([thisNode])

const blocked = timeseries({
  title: 'Blocked clients',
  description: 'Clients that wait in BLPOP, XREAD BLOCK, WAIT and the like. Normal for queues.',
  unit: 'none',
  width: 6,
  queries: [rangeQuery('A', query.blocked, '{{instance}}')],
}).dataLinks([thisNode])

const connections = timeseries({
  title: 'New connections',
  description:
    'Connections a second: accepted, and rejected because maxclients is reached. Many mean clients without a pool.',
  unit: 'ops',
  width: 12,
  queries: [
    rangeQuery('A', query.connections, '{{instance}}'),
    rangeQuery('B', query.rejected, '{{instance}} rejected'),
  ],
}).dataLinks([thisNode])

const networkIn = timeseries({
  title: 'Network in',
  description: 'Bytes a second that clients and the primary send to the node.',
  unit: 'Bps',
  width: 12,
  queries: [rangeQuery('A', query.networkIn, '{{instance}}')],
}).dataLinks([thisNode])

const networkOut = timeseries({
  title: 'Network out',
  description: 'Bytes a second that the node sends to clients and replicas.',
  unit: 'Bps',
  width: 12,
  queries: [rangeQuery('A', query.networkOut, '{{instance}}')],
}).dataLinks([thisNode])

export const clients = [connected, blocked, connections, networkIn, networkOut]
