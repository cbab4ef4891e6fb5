import { evictionPolicySpec, type EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { NodeProgress, PlanBody } from '../../../contract/operations.js'
import type { Cluster } from '../../../redis/cluster.js'
import type { Kind, PlanContext, PlanOutcome, Reconciliation } from '../../kind.js'
import { KeptNodes } from './kept-nodes.js'
import { ConfigNodes } from './nodes.js'
import { has, NAMES, type Values } from './parameters.js'
import { planChanges } from './plan.js'
import { applyPolicy } from './run.js'

const kept = new KeptNodes()

/**
 * Sets what decides about evictions on every node of a cluster. Setting a value twice is setting it once, so a run
 * that goes on after a kill reads each unfinished node again and sets only what is not there yet.
 */
export const evictionPolicy: Kind<EvictionPolicySpec> = {
  name: 'eviction-policy',
  scope: 'policy',
  spec: evictionPolicySpec,

  async plan(spec, { id, cluster }: PlanContext): Promise<PlanOutcome> {
    const nodes = kept.take(id) ?? new ConfigNodes(cluster)
    const readouts = await Promise.all(
      nodes.nodes().map(async (node) => {
        const answer = await nodes.read(node)
        const running = spec.persist && answer.outcome === 'ok' ? await nodes.running(node) : undefined
        return { node, answer, ...(running && { running }) }
      }),
    )
    const outcome = planChanges(spec, readouts)
    if ('body' in outcome) kept.keep(id, nodes)
    else nodes.close()
    return outcome
  },

  async run(spec, context) {
    const nodes = kept.take(context.id) ?? new ConfigNodes(context.cluster)
    try {
      nodes.claim(context)
      return await applyPolicy(spec, nodes, context)
    } finally {
      nodes.close()
    }
  },

  async reconcile(spec, { node }: NodeProgress, { cluster, body }): Promise<Reconciliation | undefined> {
    const values = await valuesOf(node, cluster)
    return values && reconciled(node, body, values, spec.persist)
  },
}

async function valuesOf(instance: string, cluster: Cluster): Promise<Values | undefined> {
  const nodes = new ConfigNodes(cluster)
  try {
    const node = nodes.nodes().find((candidate) => candidate.instance === instance)
    const answer = node && (await nodes.read(node))
    return answer?.outcome === 'ok' ? answer.settings.values : undefined
  } finally {
    nodes.close()
  }
}

/** Says what a node has that is back. It is not touched: the plan was made for a cluster that has moved on since. */
function reconciled(
  instance: string,
  { changes }: PlanBody,
  values: Values,
  persist: boolean,
): Reconciliation {
  const own = changes.filter(({ node }) => node === instance)
  const found = own.map((change) => ({ ...change, to: values[change.parameter as keyof Values] ?? '' }))
  const taken = has(values, Object.fromEntries(own.map(({ parameter, to }) => [parameter, to])))
  const names = NAMES.filter((parameter) => own.some((change) => change.parameter === parameter))
  const note = names.map((parameter) => `${parameter} ${values[parameter]}`).join(', ')
  const done = `it has ${note}${taken ? ', as planned' : ', not what was planned'}${persist ? ', and nothing was persisted' : ''}; nothing was changed`
  return {
    progress: { node: instance, outcome: taken ? 'done' : 'skipped', note },
    found,
    done,
    settled: taken && !persist,
  }
}
