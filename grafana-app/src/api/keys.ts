/** Keys of the query cache: what is below a key is invalidated with it. */
export const keys = {
  clusters: ['clusters'],
  cluster: (name: string) => ['clusters', name],
  ofCluster: (name: string, what: 'topology' | 'health' | 'eviction' | 'warmup') => ['clusters', name, what],
  plan: (id: string) => ['plans', id],
  operations: ['operations'],
  operation: (id: string) => ['operation', id],
  freeze: ['freeze'],
  alerts: ['alerts'],
  events: ['events'],
  whoami: ['whoami'],
} as const
