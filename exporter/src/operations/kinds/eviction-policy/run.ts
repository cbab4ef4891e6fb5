import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { NodeProgress, PlanBody } from '../../../contract/operations.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { Cancelled, type Ending, type RunContext } from '../../kind.js'
import type { ConfigNodes, NodeAnswer } from './nodes.js'
import { has, tell, wanted, type Parameter, type Values } from './parameters.js'

/** What this run does to one node. */
interface Piece {
  readonly node: ClusterNode
  /** Only the parameters that the plan changes on this node. */
  readonly before: Partial<Values>
  readonly after: Partial<Values>
}

/**
 * Sets the values, replicas first, then primaries, each stage at once and read back. Where a node refuses, all that
 * were set are set back; where one does not answer, it stops and says so: what such a node has is unknown, and is
 * looked at again when it is back.
 */
export async function applyPolicy(
  spec: EvictionPolicySpec,
  nodes: ConfigNodes,
  context: RunContext,
): Promise<Ending> {
  const run = new PolicyRun(spec, nodes, context)
  try {
    return await run.forward()
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    return run.undo('it was cancelled', 'cancelled')
  }
}

class PolicyRun {
  readonly #outcomes: Map<string, NodeProgress>
  readonly #pieces: readonly Piece[]

  constructor(
    private readonly spec: EvictionPolicySpec,
    private readonly nodes: ConfigNodes,
    private readonly context: RunContext,
  ) {
    this.#outcomes = new Map(context.nodes.map((progress) => [progress.node, progress]))
    this.#pieces = piecesOf(context.body, nodes.nodes())
  }

  async forward(): Promise<Ending> {
    const gone = [...this.#outcomes.keys()].filter(
      (name) => !this.#pieces.some(({ node }) => node.instance === name),
    )
    if (gone.length > 0) {
      await this.#save(
        gone.map((node) => ({ node, outcome: 'unknown', note: 'it is no longer in the cluster' })),
      )
      return this.#attention()
    }
    for (const role of ['replica', 'primary'] as const) {
      const stage = this.#pieces.filter(({ node }) => node.role === role && this.#outcome(node) !== 'done')
      if (stage.length === 0) continue
      await this.context.turn()
      await this.#record(stage, (node) => ({ node: node.instance, outcome: 'working', note: '' }))
      const answers = await Promise.all(stage.map((piece) => this.#apply(piece)))
      await this.#save(answers)
      const refused = answers.filter(({ outcome }) => outcome === 'refused')
      if (refused.length > 0)
        return this.undo(refused.map(({ node, note }) => `${node} refused: ${note}`).join('; '), 'undone')
      if (answers.some(({ outcome }) => outcome === 'unknown')) return this.#attention()
    }
    return this.#verify()
  }

  /** Sets back what was set. A node that does not answer is not counted as set back. */
  async undo(reason: string, state: 'undone' | 'cancelled'): Promise<Ending> {
    await this.context.undoing(reason)
    const touched = this.#pieces.filter(({ node }) =>
      ['done', 'working', 'refused'].includes(this.#outcome(node)),
    )
    const answers = await Promise.all(touched.map((piece) => this.#restore(piece)))
    await this.#save(answers)
    const bad = [...this.#outcomes.values()].filter(
      ({ outcome }) => outcome === 'unknown' || outcome === 'refused',
    )
    if (bad.length > 0) return this.#attention(reason)
    return { state, summary: `${reason}; every node is as it was before` }
  }

  async #apply({ node, before, after }: Piece): Promise<NodeProgress> {
    const now = await this.nodes.read(node)
    if (now.outcome === 'silent')
      return { node: node.instance, outcome: 'unknown', note: `nothing was sent to it: ${now.error}` }
    if (now.outcome !== 'ok') return toProgress(node, now)
    const { values, setsTogether } = now.settings
    if (has(values, after)) return { node: node.instance, outcome: 'done', note: tell(after) }
    if (!has(values, before))
      return {
        node: node.instance,
        outcome: 'refused',
        note: `somebody else changed it to ${tell(pick(values, after))}`,
      }
    return toProgress(node, await this.nodes.set(node, after, setsTogether), after)
  }

  /** Sets back only what this run set: a value that somebody else set meanwhile stays. */
  async #restore({ node, before, after }: Piece): Promise<NodeProgress> {
    const now = await this.nodes.read(node)
    if (now.outcome !== 'ok') return toProgress(node, now)
    const { values, setsTogether } = now.settings
    const ours = Object.keys(after).filter((name) => values[name as Parameter] === after[name as Parameter])
    const back = Object.fromEntries(ours.map((name) => [name, before[name as Parameter]])) as Partial<Values>
    const answer = ours.length === 0 ? now : await this.nodes.set(node, back, setsTogether)
    const progress = toProgress(node, answer, back)
    return progress.outcome === 'done'
      ? { ...progress, outcome: 'undone', note: tell(pick(values, before, answer)) }
      : progress
  }

  async #verify(): Promise<Ending> {
    if (this.spec.persist) {
      const answers = await Promise.all(
        this.nodes.nodes().map(async (node) => ({ node, answer: await this.nodes.rewrite(node) })),
      )
      const failed = answers.filter(({ answer }) => answer.outcome !== 'ok')
      if (failed.length > 0) {
        const why = failed
          .map(({ node, answer }) => `${node.instance}: ${answer.outcome === 'ok' ? '' : answer.error}`)
          .join('; ')
        return {
          state: 'needs-attention',
          summary: `set on every node, but not persisted: ${why}; a restart brings the old values back there`,
        }
      }
    }
    await this.context.verifying()
    const expected = wanted(this.spec)
    const readouts = await Promise.all(
      this.nodes.nodes().map(async (node) => ({ node, answer: await this.nodes.read(node) })),
    )
    const wrong = readouts.filter(
      ({ answer }) => answer.outcome !== 'ok' || !has(answer.settings.values, expected),
    )
    if (wrong.length === 0)
      return { state: 'succeeded', summary: `${tell(expected)} on all ${readouts.length} nodes, read back` }
    const unknown = wrong.filter(({ answer }) => answer.outcome !== 'ok')
    if (unknown.length > 0) await this.#save(unknown.map(({ node, answer }) => toProgress(node, answer)))
    const names = wrong.map(
      ({ node, answer }) =>
        `${node.instance} ${answer.outcome === 'ok' ? `has ${tell(pick(answer.settings.values, expected))}` : 'does not answer'}`,
    )
    return {
      state: 'needs-attention',
      summary: `read back: ${names.join('; ')}; plan again to see what is left`,
    }
  }

  async #attention(reason?: string): Promise<Ending> {
    const idle = this.#pieces.filter(({ node }) => this.#outcome(node) === 'waiting').map(({ node }) => node)
    if (idle.length > 0)
      await this.#record(
        this.#pieces.filter(({ node }) => idle.includes(node)),
        (node) => ({ node: node.instance, outcome: 'skipped', note: 'not touched' }),
      )
    const all = [...this.#outcomes.values()]
    const named = (outcome: NodeProgress['outcome'], text: string) => {
      const list = all.filter((progress) => progress.outcome === outcome).map(({ node }) => node)
      return list.length === 0 ? [] : [`${text} ${list.join(', ')}`]
    }
    const parts = [
      ...(reason === undefined ? [] : [reason]),
      ...named('unknown', 'no answer, so it is unknown what they have:'),
      ...named('done', 'set:'),
      ...named('undone', 'set back:'),
      ...named('refused', 'refused:'),
      ...named('skipped', 'not touched:'),
    ]
    return {
      state: 'needs-attention',
      summary: `${parts.join('; ')}. When a silent node is back this says what it has; plan again to see what is left`,
    }
  }

  #outcome(node: ClusterNode): NodeProgress['outcome'] {
    return this.#outcomes.get(node.instance)?.outcome ?? 'waiting'
  }

  #record(pieces: readonly Piece[], make: (node: ClusterNode) => NodeProgress): Promise<void> {
    return this.#save(pieces.map(({ node }) => make(node)))
  }

  async #save(progress: readonly NodeProgress[]): Promise<void> {
    if (progress.length === 0) return
    for (const one of progress) this.#outcomes.set(one.node, one)
    await this.context.checkpoint(progress)
  }
}

function piecesOf({ changes }: PlanBody, nodes: readonly ClusterNode[]): Piece[] {
  return nodes.flatMap((node) => {
    const own = changes.filter((change) => change.node === node.instance)
    if (own.length === 0) return []
    const values = (end: 'from' | 'to') =>
      Object.fromEntries(own.map((change) => [change.parameter, change[end]])) as Partial<Values>
    return { node, before: values('from'), after: values('to') }
  })
}

/** @param expected what the node must have now to count as done */
function toProgress(
  { instance: node }: ClusterNode,
  answer: NodeAnswer,
  expected: Partial<Values> = {},
): NodeProgress {
  if (answer.outcome === 'silent') return { node, outcome: 'unknown', note: answer.error }
  if (answer.outcome !== 'ok') return { node, outcome: 'refused', note: answer.error }
  if (!has(answer.settings.values, expected))
    return { node, outcome: 'refused', note: `it took the command and has ${tell(answer.settings.values)}` }
  return { node, outcome: 'done', note: tell(expected) }
}

/** Of a node's values those that also stand in `which`; after an answer, the node's values then. */
function pick(values: Values, which: Partial<Values>, answer?: NodeAnswer): Partial<Values> {
  const now = answer?.outcome === 'ok' ? answer.settings.values : values
  return Object.fromEntries(Object.keys(which).map((name) => [name, now[name as Parameter]]))
}
