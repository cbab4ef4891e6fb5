import { warmupSpec, type WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Cluster } from '../../../redis/cluster.js'
import type { Kind } from '../../kind.js'
import { planWarmup } from './plan.js'
import { runWarmup } from './run.js'

export interface WarmupOptions {
  /** A configured source (`warmup.sources`): a cluster or a single node. */
  readonly sourceOf: (name: string) => Cluster | undefined
  /** A configured cluster. */
  readonly clusterOf: (name: string) => Cluster | undefined
  /** The folder that file sources must lie in; '' for none. */
  readonly dir: string
}

/**
 * Copies keys into a cluster: from another cluster, a single node or a file. A run that goes on after a kill copies
 * again what was written since its last checkpoint, about a second of it: with `conflict: skip` such a key is found
 * existing and stays as it is, with `replace` it is written once more. Nothing is undone.
 */
export function warmup(options: WarmupOptions): Kind<WarmupSpec> {
  const sourceOf = ({ source }: WarmupSpec) => {
    if (source.type === 'file') return undefined
    return source.type === 'redis' ? options.sourceOf(source.name) : options.clusterOf(source.name)
  }
  return {
    name: 'warmup',
    scope: 'warmup',
    spec: warmupSpec,
    yieldsTo: ['eviction-policy', 'failover', 'rebalance'],
    bindsKeys: true,
    readsFrom: ({ source }) => (source.type === 'file' ? [] : [source.name]),
    plan: (spec, context) =>
      planWarmup(spec, context, {
        source: sourceOf(spec),
        dir: options.dir,
        clientName: clientName(context.id),
      }),
    run: (spec, context) =>
      runWarmup(spec, context, {
        source: sourceOf(spec),
        dir: options.dir,
        clientName: context.connectionName,
      }),
  }
}

/** Of connections that only read for a plan: a run's have the token of its lease in the place of 0. */
function clientName(operation: string): string {
  return `slotwise/${operation}/0`
}
