import { APP_PATH } from './settings'

const encoded = encodeURIComponent

export type ClusterTab = 'overview' | 'events' | 'warmup' | 'evict'

/** Where pages are: for links, so that no component writes a path itself. */
export const paths = {
  clusters: `${APP_PATH}/clusters`,
  cluster: (name: string, tab: ClusterTab = 'overview') => `${APP_PATH}/clusters/${encoded(name)}/${tab}`,
  operations: `${APP_PATH}/operations`,
  operation: (id: string) => `${APP_PATH}/operations/${encoded(id)}`,
  events: `${APP_PATH}/events`,
  configuration: `/plugins/slotwise-clusters-app?page=configuration`,
} as const
