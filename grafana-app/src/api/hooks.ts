import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { call } from './client'
import {
  isOver,
  type AlertList,
  type ClusterSummary,
  type Eviction,
  type Freeze,
  type Health,
  type Operation,
  type OperationState,
  type Plan,
  type Topology,
  type WarmupSources,
} from './contract'
import { keys } from './keys'

/** How often states are read again while a page is open; events make it sooner. */
const REFRESH_MS = 5000
/** How often what is under way is read again, should events not arrive. */
const PROGRESS_MS = 2000
const PLANNING_MS = 700

const encoded = encodeURIComponent

/** `a=1&b=x` of what is set, with its question mark. */
export function queryString(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

/** GET /clusters */
export function useClusters() {
  return useQuery({
    queryKey: keys.clusters,
    queryFn: async () => (await call<{ clusters: ClusterSummary[] }>('GET', 'api/v1/clusters')).clusters,
    refetchInterval: REFRESH_MS,
  })
}

/** GET /clusters/{c} */
export function useCluster(name: string) {
  return useQuery({
    queryKey: keys.cluster(name),
    queryFn: () => call<ClusterSummary>('GET', `api/v1/clusters/${encoded(name)}`),
    refetchInterval: REFRESH_MS,
  })
}

function useOfCluster<T>(name: string, what: 'topology' | 'health' | 'eviction' | 'warmup') {
  return useQuery({
    queryKey: keys.ofCluster(name, what),
    queryFn: () => call<T>('GET', `api/v1/clusters/${encoded(name)}/${what}`),
    refetchInterval: REFRESH_MS,
  })
}

/** GET /clusters/{c}/topology */
export const useTopology = (cluster: string) => useOfCluster<Topology>(cluster, 'topology')
/** GET /clusters/{c}/health */
export const useHealth = (cluster: string) => useOfCluster<Health>(cluster, 'health')
/** GET /clusters/{c}/eviction */
export const useEviction = (cluster: string) => useOfCluster<Eviction>(cluster, 'eviction')
/** GET /clusters/{c}/warmup: what it can be warmed from. */
export const useWarmupSources = (cluster: string) => useOfCluster<WarmupSources>(cluster, 'warmup')

/** GET /plans/{id}; read again until it is no longer being planned. Nothing is read without an id. */
export function usePlan(id: string | undefined) {
  return useQuery({
    queryKey: keys.plan(id ?? ''),
    queryFn: () => call<Plan>('GET', `api/v1/plans/${encoded(id ?? '')}`),
    enabled: id !== undefined,
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === 'planning' ? PLANNING_MS : REFRESH_MS * 2,
  })
}

/** The sample of keys in a plan, by the route of those who may plan: the token of reads does not see key names. */
export function usePlanSample(id: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.plan(id), 'sample'],
    queryFn: async () => (await call<Plan>('GET', `with-sample/plans/${encoded(id)}`)).sample ?? [],
    enabled,
    staleTime: Infinity,
  })
}

export interface OperationsFilter {
  readonly cluster?: string
  readonly state?: OperationState
  readonly limit?: number
}

/** GET /operations, newest first. */
export function useOperations({ cluster, state, limit }: OperationsFilter = {}) {
  return useQuery({
    queryKey: [...keys.operations, { cluster, state, limit }],
    queryFn: async () => {
      const path = `api/v1/operations${queryString({ cluster, state, limit })}`
      return (await call<{ operations: Operation[] }>('GET', path)).operations
    },
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  })
}

/** GET /operations/{id}; read again until it is over. Nothing is read without an id. */
export function useOperation(id: string | undefined) {
  return useQuery({
    queryKey: keys.operation(id ?? ''),
    queryFn: () => call<Operation>('GET', `api/v1/operations/${encoded(id ?? '')}`),
    enabled: id !== undefined,
    refetchInterval: ({ state }) =>
      state.data !== undefined && isOver(state.data.state) ? REFRESH_MS * 6 : PROGRESS_MS,
  })
}

/** GET /freeze */
export function useFreeze() {
  return useQuery({
    queryKey: keys.freeze,
    queryFn: () => call<Freeze>('GET', 'api/v1/freeze'),
    refetchInterval: REFRESH_MS * 2,
  })
}

/** GET /alerts: what Alertmanager told that fires, of one cluster or of all. */
export function useFiringAlerts(cluster?: string) {
  return useQuery({
    queryKey: [...keys.alerts, { cluster }],
    queryFn: () => call<AlertList>('GET', `api/v1/alerts${queryString({ cluster })}`),
    refetchInterval: REFRESH_MS * 2,
  })
}
