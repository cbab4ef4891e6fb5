/** Plans and runs of eviction-policy without an engine, so that a test says what happens in the middle. */
import { noLimits } from '../bench/src/no-limits.js'
import { evictionPolicySpec } from '../src/contract/kinds/eviction-policy.js'
import type { NodeProgress, PlanBody, Problem } from '../src/contract/operations.js'
import type { Ending, RunContext } from '../src/operations/kind.js'
import { evictionPolicy } from '../src/operations/kinds/eviction-policy/kind.js'
import type { Cluster } from '../src/redis/cluster.js'

let ids = 0

export interface MadePlan {
  readonly id: string
  readonly spec: ReturnType<typeof evictionPolicySpec.parse>
  readonly body: PlanBody
}

/** @throws the problems, as they would be told */
export async function makePlan(cluster: Cluster, spec: object): Promise<MadePlan> {
  const made = await tryPlan(cluster, spec)
  if ('problems' in made) throw new Error(JSON.stringify(made.problems))
  return made
}

export async function tryPlan(
  cluster: Cluster,
  given: object,
): Promise<MadePlan | { problems: readonly Problem[] }> {
  const id = `p${++ids}`
  const spec = evictionPolicySpec.parse(given)
  const outcome = await evictionPolicy.plan(spec, { id, cluster })
  return 'problems' in outcome ? outcome : { id, spec, body: outcome.body }
}

/** What the test does while it runs. */
export interface Middle {
  /** Before each piece; what it throws is thrown, what it waits for is waited for. */
  readonly turn?: (count: number) => void | Promise<void>
  /** After a checkpoint was made, and before the run goes on. */
  readonly checkpoint?: (nodes: readonly NodeProgress[]) => void | Promise<void>
  readonly mustOwn?: () => void
}

export interface Ran {
  readonly ending: Ending
  /** What was said of each node last. */
  readonly nodes: ReadonlyMap<string, NodeProgress>
}

export async function runPlan(
  cluster: Cluster,
  { id, spec, body }: MadePlan,
  middle: Middle = {},
): Promise<Ran> {
  const nodes = new Map<string, NodeProgress>(
    body.changes.map(({ node }) => [node, { node, outcome: 'waiting', note: '' }]),
  )
  let turns = 0
  const context: RunContext = {
    id,
    cluster,
    body,
    connectionName: `slotwise/${id}/1`,
    mustOwn: () => middle.mustOwn?.(),
    confirmOwn: () => Promise.resolve(),
    nodes: [...nodes.values()],
    undone: undefined,
    state: undefined,
    async checkpoint(progress) {
      for (const one of progress) nodes.set(one.node, one)
      await middle.checkpoint?.(progress)
    },
    turn: async () => middle.turn?.(++turns),
    ...noLimits,
  }
  return { ending: await evictionPolicy.run(spec, context), nodes }
}
