import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { NodeProgress, PlanBody } from '../../../contract/operations.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { count } from '../../figures.js'
import { Cancelled, type Ending, type RunContext } from '../../kind.js'
import type { ConfigNodes, NodeAnswer } from './nodes.js'
import { has, namesIn, pick, tell, wanted, type Values } from './parameters.js'
import { countedBytes } from './settings.js'

/** What this run does to one node. */
interface Piece {
  readonly node: ClusterNode
  /** Only the parameters that the plan changes on this node. */
  readonly before: Values
  readonly after: Values
}

/** What a node answered counts for so long; after a pause it is asked again. */
const FRESH_MS = 1000

/**
 * Reads every node, sets the values on all at once, and reads them back in the same round trip. Where the change makes
 * nodes evict, which cannot be undone, the replicas come first: what they refuse never gets to a primary. Where a node
 * refuses, all that were set are set back; where one does not answer, it stops and says so: what such a node has is
 * unknown, and is looked at again when it is back.
 */
export async function applyPolicy(
  spec: EvictionPolicySpec,
  nodes: ConfigNodes,
  context: RunContext,
): Promise<Ending> {
  const run = new PolicyRun(spec, nodes, context)
  const { undone } = context
  try {
    if (undone) return await run.undo(undone.reason, undone.cancelled ? 'cancelled' : 'undone')
    return await run.forward()
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    return run.undo('it was cancelled', 'cancelled')
  }
}

class PolicyRun {
  readonly #outcomes: Map<string, NodeProgress>
  readonly #pieces: readonly Piece[]
  /** What each node answered last, and when; performance.now(). */
  readonly #seen = new Map<string, { readonly answer: NodeAnswer; readonly at: number }>()

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
    for (const roles of this.#stages()) {
      const stage = this.#pieces.filter(
        ({ node }) => roles.includes(node.role) && this.#outcome(node) !== 'done',
      )
      if (stage.length === 0) continue
      await this.context.turn()
      await this.#record(stage, (node) => ({ node: node.instance, outcome: 'working', note: '' }))
      // Those that are only read back at the end are asked on the way.
      await Promise.all(this.nodes.nodes().map((node) => this.#read(node)))
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
    await this.context.turn() // a freeze holds up this, too
    const touched = this.#pieces.filter(({ node }) =>
      ['done', 'working', 'refused'].includes(this.#outcome(node)),
    )
    const answers = await Promise.all(touched.map((piece) => this.#restore(piece)))
    await this.#save(answers)
    const bad = [...this.#outcomes.values()].filter(
      ({ outcome }) => outcome === 'unknown' || outcome === 'refused',
    )
    if (bad.length > 0) return this.#attention(reason)
    await this.#skipTheRest()
    return { state, summary: `${reason}; every node is as it was before` }
  }

  #stages(): (readonly ClusterNode['role'][])[] {
    return this.context.body.details.replicasFirst === true
      ? [['replica'], ['primary']]
      : [['replica', 'primary']]
  }

  /** What a node has: as it answered just now, else asked again. */
  async #read(node: ClusterNode): Promise<NodeAnswer> {
    const seen = this.#seen.get(node.id)
    if (seen && performance.now() - seen.at < FRESH_MS) return seen.answer
    return this.#remember(node, await this.nodes.read(node))
  }

  #remember(node: ClusterNode, answer: NodeAnswer): NodeAnswer {
    this.#seen.set(node.id, { answer, at: performance.now() })
    return answer
  }

  async #set(node: ClusterNode, values: Values, together: boolean): Promise<NodeAnswer> {
    return this.#remember(node, await this.nodes.set(node, values, together))
  }

  async #apply({ node, before, after }: Piece): Promise<NodeProgress> {
    const now = await this.#read(node)
    if (now.outcome === 'silent')
      return { node: node.instance, outcome: 'unknown', note: `nothing was sent to it: ${now.error}` }
    if (now.outcome !== 'ok') return toProgress(node, now)
    const { values, setsTogether } = now.settings
    if (has(values, after)) return { node: node.instance, outcome: 'done', note: tell(after) }
    // One by one on Redis 6: a kill in between leaves some as they were and some as they shall be.
    const foreign = namesIn(after).filter(
      (name) => values[name] !== before[name] && values[name] !== after[name],
    )
    if (foreign.length > 0) {
      return refusal(node, `somebody else changed it to ${tell(pick(values, after))}`)
    }
    const limit = Number(after.maxmemory ?? 0)
    if (limit > 0 && limit < countedBytes(now.settings) && !this.spec.allowEviction) {
      return refusal(
        node,
        `maxmemory ${count(limit)} is below the ${count(countedBytes(now.settings))} bytes in use by now; allowEviction was not set`,
      )
    }
    return toProgress(node, await this.#set(node, after, setsTogether), after)
  }

  /** Sets back only what this run set: a value that somebody else set meanwhile stays. */
  async #restore({ node, before, after }: Piece): Promise<NodeProgress> {
    const now = this.#remember(node, await this.nodes.read(node))
    if (now.outcome !== 'ok') return toProgress(node, now)
    const { values, setsTogether } = now.settings
    const ours = pick(
      before,
      Object.fromEntries(
        namesIn(after).flatMap((name) => (values[name] === after[name] ? [[name, '']] : [])),
      ),
    )
    const answer = namesIn(ours).length === 0 ? now : await this.#set(node, ours, setsTogether)
    const progress = toProgress(node, answer, ours)
    if (progress.outcome !== 'done') return progress
    const has = answer.outcome === 'ok' ? answer.settings.values : values
    return { ...progress, outcome: 'undone', note: tell(pick(has, before)) }
  }

  async #verify(): Promise<Ending> {
    await this.context.turn()
    await this.context.verifying()
    if (this.spec.persist) {
      const failed = await this.#persist()
      if (failed.length > 0) {
        const summary = `set on every node, but not persisted: ${failed.join('; ')}; a restart brings the old values back there`
        return { state: 'needs-attention', summary }
      }
    }
    const expected = wanted(this.spec)
    const readouts = await Promise.all(
      this.nodes.nodes().map(async (node) => ({ node, answer: await this.#read(node) })),
    )
    const wrong = readouts.filter(
      ({ answer }) => answer.outcome !== 'ok' || !has(answer.settings.values, expected),
    )
    if (wrong.length === 0) {
      const kept = this.spec.persist ? ', and kept by CONFIG REWRITE' : ''
      return {
        state: 'succeeded',
        summary: `${tell(expected)} on all ${readouts.length} nodes, read back${kept}`,
      }
    }
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

  /** CONFIG REWRITE, where it writes what the plan has listed and nothing else. @returns where not, and why */
  async #persist(): Promise<string[]> {
    const listed = (this.context.body.details.rewrites ?? {}) as Record<string, Record<string, string>>
    const failures = await Promise.all(
      this.nodes.nodes().map(async (node) => {
        const now = await this.nodes.running(node).catch((error: unknown) => error as Error)
        if (now instanceof Error) return [`${node.instance}: ${now.message}`]
        const foreign = differing(listed[node.instance] ?? {}, now, wanted(this.spec))
        if (foreign.length > 0) return [`${node.instance}: ${foreign.join(', ')} changed since the plan`]
        const answer = this.#remember(node, await this.nodes.rewrite(node))
        return answer.outcome === 'ok' ? [] : [`${node.instance}: ${answer.error}`]
      }),
    )
    return failures.flat()
  }

  async #attention(reason?: string): Promise<Ending> {
    await this.#skipTheRest()
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

  async #skipTheRest(): Promise<void> {
    const untouched = [...this.#outcomes.values()].filter(({ outcome }) => outcome === 'waiting')
    await this.#save(untouched.map(({ node }) => ({ node, outcome: 'skipped', note: 'not touched' })))
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
      Object.fromEntries(own.map((change) => [change.parameter, change[end]])) as Values
    return { node, before: values('from'), after: values('to') }
  })
}

/** @param expected what the node must have now to count as done */
function toProgress(
  { instance: node }: ClusterNode,
  answer: NodeAnswer,
  expected: Values = {},
): NodeProgress {
  if (answer.outcome === 'silent') return { node, outcome: 'unknown', note: answer.error }
  if (answer.outcome !== 'ok') return { node, outcome: 'refused', note: answer.error }
  if (!has(answer.settings.values, expected))
    return { node, outcome: 'refused', note: `it took the command and has ${tell(answer.settings.values)}` }
  return { node, outcome: 'done', note: tell(expected) }
}

function refusal({ instance: node }: ClusterNode, note: string): NodeProgress {
  return { node, outcome: 'refused', note }
}

/** Settings that are not as the plan listed them; those that the plan itself changes left out. */
function differing(
  listed: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
  own: Values,
): string[] {
  return Object.keys({ ...listed, ...now }).filter((name) => !(name in own) && listed[name] !== now[name])
}
