import { APP_PATH } from './settings'

const encoded = encodeURIComponent

export type ClusterTab = 'overview' | 'slots' | 'shards' | 'nodes' | 'events' | 'alerts' | 'warmup' | 'evict'

/** Where pages are: for links, so that no component writes a path itself. */
export const paths = {
  clusters: `${APP_PATH}/clusters`,
  cluster: (name: string, tab: ClusterTab = 'overview') => `${APP_PATH}/clusters/${encoded(name)}/${tab}`,
  node: (cluster: string, instance: string) =>
    `${APP_PATH}/clusters/${encoded(cluster)}/nodes/${encoded(instance)}`,
  /** The shard's row among the others. */
  shard: (cluster: string, id: string) =>
    `${APP_PATH}/clusters/${encoded(cluster)}/shards?shard=${encoded(id)}`,
  operations: `${APP_PATH}/operations`,
  operation: (id: string) => `${APP_PATH}/operations/${encoded(id)}`,
  events: `${APP_PATH}/events`,
  configuration: `/plugins/slotwise-clusters-app?page=configuration`,
} as const
