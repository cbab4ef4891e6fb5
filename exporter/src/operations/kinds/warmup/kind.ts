import { warmupSpec, type WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Cluster } from '../../../redis/cluster.js'
import type { Kind } from '../../kind.js'

export interface WarmupOptions {
  /** A configured source (`warmup.sources`): a cluster or a single node. */
  readonly sourceOf: (name: string) => Cluster | undefined
  /** A configured cluster. */
  readonly clusterOf: (name: string) => Cluster | undefined
  /** The folder that file sources must lie in; '' for none. */
  readonly dir: string
}

/** Copies keys into a cluster: from another cluster, a single node or a file. */
export function warmup(options: WarmupOptions): Kind<WarmupSpec> {
  void options
  return {
    name: 'warmup',
    scope: 'warmup',
    spec: warmupSpec,
    yieldsTo: ['eviction-policy'],
    bindsKeys: true,
    readsFrom: ({ source }) => (source.type === 'file' ? [] : [source.name]),
    plan: () =>
      Promise.resolve({ problems: [{ reason: 'not built yet', todo: 'wait for the next version' }] }),
    run: () => Promise.resolve({ state: 'failed', summary: 'not built yet' }),
  }
}
