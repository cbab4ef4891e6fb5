import { evictionPolicySpec, type EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { NodeProgress, PlanBody } from '../../../contract/operations.js'
import type { Kind, PlanContext, PlanOutcome, Reconciliation } from '../../kind.js'
import { ConfigNodes } from './nodes.js'
import { PARAMETERS } from './parameters.js'
import { planChanges } from './plan.js'
import { applyPolicy } from './run.js'

/**
 * Sets maxmemory, its policy and its samples on every node of a cluster. Setting a value twice is setting it once, so
 * a run that goes on after a kill reads each unfinished node again and sets only what is not there yet.
 */
export const evictionPolicy: Kind<EvictionPolicySpec> = {
  name: 'eviction-policy',
  scope: 'policy',
  spec: evictionPolicySpec,

  async plan(spec, { id, cluster }: PlanContext): Promise<PlanOutcome> {
    const nodes = new ConfigNodes(cluster, clientName(id))
    const readouts = await Promise.all(
      nodes.nodes().map(async (node) => {
        const answer = await nodes.read(node)
        const running = spec.persist && answer.outcome === 'ok' ? await nodes.running(node) : undefined
        return { node, answer, ...(running && { running }) }
      }),
    )
    return planChanges(spec, readouts)
  },

  run(spec, context) {
    const { cluster, connectionName, mustOwn } = context
    return applyPolicy(spec, new ConfigNodes(cluster, connectionName, mustOwn), context)
  },

  async reconcile(
    spec,
    { node: instance }: NodeProgress,
    { id, cluster, body },
  ): Promise<Reconciliation | undefined> {
    const nodes = new ConfigNodes(cluster, clientName(id))
    const node = nodes.nodes().find((candidate) => candidate.instance === instance)
    const answer = node && (await nodes.read(node))
    if (answer?.outcome !== 'ok') return undefined
    return reconciled(instance, body, answer.settings.values, spec.persist)
  },
}

/** Says what a node has that is back. It is not touched: the plan was made for a cluster that has moved on since. */
function reconciled(
  instance: string,
  { changes }: PlanBody,
  values: Readonly<Record<string, string>>,
  persist: boolean,
): Reconciliation {
  const own = changes.filter(({ node }) => node === instance)
  const found = own.map((change) => ({ ...change, to: values[change.parameter] ?? '' }))
  const taken = own.every(({ parameter, to }) => values[parameter] === to)
  const has = PARAMETERS.filter((parameter) => own.some((change) => change.parameter === parameter)).map(
    (parameter) => `${parameter} ${values[parameter]}`,
  )
  const done = `it has ${has.join(', ')}${taken ? ', as planned' : ', not what was planned'}${persist ? ', and nothing was persisted' : ''}; nothing was changed`
  return {
    progress: { node: instance, outcome: taken ? 'done' : 'skipped', note: has.join(', ') },
    found,
    done,
    settled: taken && !persist,
  }
}

/** Of connections that only read: a run's have the token of its lease in the place of 0. */
function clientName(operation: string): string {
  return `slotwise/${operation}/0`
}
