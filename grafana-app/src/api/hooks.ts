import { useQuery } from '@tanstack/react-query'
import { call } from './client'
import type { ClusterSummary } from './contract'

/** How often states are read again while a page is open. */
const REFRESH_MS = 5000

const encoded = encodeURIComponent

/** GET /clusters */
export function useClusters() {
  return useQuery({
    queryKey: ['clusters'],
    queryFn: async () => (await call<{ clusters: ClusterSummary[] }>('GET', 'api/v1/clusters')).clusters,
    refetchInterval: REFRESH_MS,
  })
}

/** GET /clusters/{c} */
export function useCluster(name: string) {
  return useQuery({
    queryKey: ['clusters', name],
    queryFn: () => call<ClusterSummary>('GET', `api/v1/clusters/${encoded(name)}`),
    refetchInterval: REFRESH_MS,
  })
}
