import type { EvictKeysSpec } from '../../../contract/kinds/evict-keys.js'
import type { NodeProgress } from '../../../contract/operations.js'
import { count } from '../../figures.js'
import { Cancelled, type Ending, type RunContext } from '../../kind.js'
import { numberIn, type NodeFacts } from '../../nodes/node-facts.js'
import { patiently } from '../../nodes/patience.js'
import { factsOfPrimaries, measure, primariesOf } from '../../nodes/primaries.js'
import { Gates } from '../../pacing/gates.js'
import { criteriaOf, heatOf, isLfu } from './criteria.js'
import { endOf, endingOf, tell } from './ending.js'
import { LeftOut } from './left-out.js'
import { Forbidden } from './node-link.js'
import { Pace } from './pace.js'
import { Passes, type Work } from './passes.js'
import { ALL_AT_LEAST, limitsOf, Quota } from './quota.js'
import { drawLeftOut } from './sample.js'
import { evictionState, nodesOf, type Counts, type EvictionState, type NodeState } from './state.js'
import { LimitReached } from './sweep.js'
import { countAgain, lookAgain } from './verify.js'
import { Watch } from './watch.js'

export interface EvictKeysOptions {
  /** When the policy of a cluster was last switched between LRU and LFU, as far as it is known; ms since the epoch. */
  readonly switchedAt: (cluster: string) => number | undefined
}

/** How often the run looks at what holds it up, and how often it makes its progress durable. */
const HEARTBEAT_MS = 250
const LOOK_MS = 1000
/** A turn that took longer was a pause. */
const PAUSED_MS = 20
const CHECKPOINT_MS = 1000

/** Unlinks, looks at what was left out, and says what came of it. */
export async function runEviction(
  spec: EvictKeysSpec,
  context: RunContext,
  options: EvictKeysOptions,
): Promise<Ending> {
  let run: EvictionRun | undefined
  try {
    const state = context.state === undefined ? undefined : evictionState.parse(context.state)
    // What a former process did is told also when this one is cancelled before a node has answered.
    run = state && new EvictionRun(spec, context, options, state)
    const before = await patiently(context, () => factsOfPrimaries(context.cluster, context.connectionName))
    if (!run) await context.measured('before', measure(before))
    run ??= new EvictionRun(spec, context, options, state)
    return await run.toTheEnd(before)
  } catch (error) {
    return endOf(error, run?.done ?? 'nothing was unlinked')
  } finally {
    run?.close()
  }
}

class EvictionRun {
  readonly #nodes: Map<string, NodeState>
  readonly #work: Work
  readonly #passes: Passes
  readonly #quota: Quota
  readonly #gates = new Gates()
  readonly #watch: Watch
  readonly #leftOut: LeftOut
  /** ms since the epoch. */
  readonly #startedAt: number
  #failure: { error: Error } | undefined
  #saving = Promise.resolve()
  #savedAt = 0
  #lookedAt = -Infinity
  /** What was saved last. */
  #saved = ''

  constructor(
    private readonly spec: EvictKeysSpec,
    private readonly context: RunContext,
    private readonly options: EvictKeysOptions,
    state: EvictionState | undefined,
  ) {
    const now = () => performance.now()
    this.#startedAt = state?.startedAt ?? Date.now()
    this.#nodes = nodesOf(state)
    const { total = 0 } = context.body.counts
    const limits = limitsOf(spec, context.body)
    const inAll = { ...limits, ...(limits.keys === Infinity && { keys: Math.max(ALL_AT_LEAST, total) }) }
    this.#quota = new Quota(limits, state)
    this.#leftOut = new LeftOut(spec.verify.sample, now)
    this.#watch = new Watch(context.cluster, context.connectionName, this.#gates, (node, lfu) => {
      const heat = heatOf(spec)
      if (heat !== undefined && lfu !== (heat === 'FREQ')) this.#fail(policyChanged(node.instance))
    })
    const turn = () => this.#turn()
    const fail = (error: unknown) => this.#fail(error)
    this.#work = {
      cluster: context.cluster,
      criteria: criteriaOf(spec, context.keyPrefixes),
      connectionName: context.connectionName,
      guard: context,
      pace: new Pace({
        rate: () => context.rate(),
        now,
        quota: this.#quota,
        inAll,
        turn,
        save: () => this.#save(),
      }),
      gates: this.#gates,
      leftOut: this.#leftOut,
      nodes: this.#nodes,
      turn,
      fail,
    }
    this.#passes = new Passes(this.#work, state)
  }

  async toTheEnd(before: readonly NodeFacts[]): Promise<Ending> {
    const { context, spec } = this
    const evicted = new Map(before.map((facts) => [facts.node.instance, numberIn(facts, 'evicted_keys')]))
    await patiently(context, () => drawLeftOut(this.#work, spec.verify.sample))
    await this.#sweepAll()
    const error = this.#failure?.error
    if (error instanceof Cancelled) throw error
    this.#failure = undefined // a limit ends the unlinking only
    await context.verifying()
    const found = await patiently(context, () => lookAgain(this.#work, this.#leftOut.keys(), evicted))
    await context.compared(found)
    const nodes = await patiently(context, () => factsOfPrimaries(context.cluster, context.connectionName))
    const untouched = !nodes.some(({ policy }) => isLfu(policy))
    const counted = await patiently(context, () =>
      countAgain(this.#work, nodes, untouched ? this.#startedAt : undefined),
    )
    await context.measured('after', { ...measure(nodes), matching: counted.matching })
    if (error === undefined) {
      // Slots that were swept twice have counted theirs twice.
      for (const { name, counts } of this.#nodes.values()) counts.kept = counted.kept.get(name) ?? 0
      await this.#save()
    }
    const { unknown } = this.#quota
    return endingOf({ sum: this.#sum(), unknown, found, counted, limited: error !== undefined })
  }

  /** What became of the keys until now, in words. */
  get done(): string {
    return tell(this.#sum(), this.#quota.unknown)
  }

  close(): void {
    this.#watch.close()
  }

  async #sweepAll(): Promise<void> {
    let over = false
    const beating = this.#beat(() => over)
    try {
      await this.#passes.run()
    } catch (error) {
      this.#fail(error)
    }
    over = true
    await beating
    this.#quota.giveBack()
    const error = this.#failure?.error
    if (error !== undefined && !(error instanceof Cancelled || error instanceof LimitReached)) {
      // What is known is known to whoever goes on; without the lease the log does not take it.
      await this.#save().catch(() => undefined)
      throw error
    }
    for (const node of this.#nodes.values()) if (node.outcome === 'working') node.outcome = 'done'
    await this.#save()
    await this.context.gate([])
  }

  /** Looks after gates and checkpoints until the run is over. */
  async #beat(isOver: () => boolean): Promise<void> {
    try {
      while (!isOver() && !this.#failure) {
        const now = performance.now()
        if (now - this.#lookedAt >= LOOK_MS) {
          this.#lookedAt = now
          await this.#watch.look()
        }
        await this.context.gate(this.#gates.list())
        if (now - this.#savedAt >= CHECKPOINT_MS) await this.#save()
        await sleep(HEARTBEAT_MS)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Waits while the run is paused, while a gate holds it up, and while its progress cannot be made durable. */
  async #turn(): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure.error
      try {
        const asked = performance.now()
        await this.context.turn()
        await this.#saving
        if (performance.now() - asked > PAUSED_MS) this.#mustNotHaveSwitched()
      } catch (error) {
        this.#fail(error)
        throw error
      }
      if (!this.#watch.held) return
      await sleep(HEARTBEAT_MS)
    }
  }

  /** While it was paused the policy may have been switched there and back: what nodes say of use is wrong then. */
  #mustNotHaveSwitched(): void {
    const switchedAt = this.options.switchedAt(this.context.cluster.name)
    if (heatOf(this.spec) !== undefined && switchedAt !== undefined && switchedAt > this.#startedAt)
      throw policyChanged(this.context.cluster.name)
  }

  #fail(error: unknown): void {
    this.#failure ??= { error: error as Error }
  }

  /** One after the other, so that what a later one holds is not overtaken. What is the same as before is not saved again. */
  #save(): Promise<void> {
    this.#savedAt = performance.now()
    const saving = this.#saving.then(async () => {
      const { reserved } = this.#quota.state
      const [progress, state] = [this.#progress(), this.#state()]
      const text = JSON.stringify([progress, state])
      if (text !== this.#saved) await this.context.checkpoint(progress, state)
      this.#saved = text
      this.#quota.confirm(reserved)
    })
    this.#saving = saving
    saving.catch(() => undefined)
    return saving
  }

  #state(): EvictionState {
    return {
      ...this.#passes.state(),
      startedAt: this.#startedAt,
      ...this.#quota.state,
      nodes: Object.fromEntries(
        [...this.#nodes.values()].map(({ name, shard, total, counts }) => [
          name,
          { shard, total, counts: { ...counts } },
        ]),
      ),
    }
  }

  #progress(): NodeProgress[] {
    const serving = new Set(primariesOf(this.context.cluster).map(({ instance }) => instance))
    const { unknown } = this.#quota
    const lost: NodeProgress = {
      node: 'not known where',
      outcome: 'done',
      note: `at most ${count(unknown)} keys more: a process or a connection ended before the answer was kept`,
      done: 0,
      total: 0,
      counts: { unknown },
    }
    const nodes = [...this.#nodes.values()].map(
      ({ name, total, looked, outcome, note, counts }): NodeProgress => {
        const went = serving.has(name) || outcome === 'done'
        return {
          node: name,
          outcome: went ? outcome : 'skipped',
          note: went ? note : 'no longer a primary',
          done: went ? Math.min(looked, total) : 0,
          total: went ? total : 0,
          counts: { ...counts },
        }
      },
    )
    return unknown > 0 ? [...nodes, lost] : nodes
  }

  #sum(): Counts {
    const sum = { evicted: 0, kept: 0, bytes: 0 }
    for (const { counts } of this.#nodes.values()) {
      sum.evicted += counts.evicted
      sum.kept += counts.kept
      sum.bytes += counts.bytes
    }
    return sum
  }
}

function policyChanged(where: string): Forbidden {
  return new Forbidden(
    `${where}: the policy was switched between LRU and LFU meanwhile: what the nodes say of the use of keys means something else now`,
  )
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
