import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Comparison, NodeProgress } from '../../../contract/operations.js'
import { count } from '../../figures.js'
import { Cancelled, type Ending, type RunContext } from '../../kind.js'
import { addCounts, noCounts, shown, shownTogether, type Counts } from './counts.js'
import { Doubt } from './doubt.js'
import { endOf, endingOf, tell } from './ending.js'
import { Gates } from '../../pacing/gates.js'
import { NodeLinks } from './node-links.js'
import { openOrigin, type Copy, type Origin } from './origin.js'
import { Pace } from './pace.js'
import { patiently } from '../../nodes/patience.js'
import { Sample, type Sampled } from './sample.js'
import { selection } from './select.js'
import type { SourceOptions } from './source-readout.js'
import { shardsOf, sourcesOf, warmupState, type SourceProgress, type WarmupState } from './state.js'
import { replicaLimits } from './target-facts.js'
import { factsOfPrimaries, measure, primariesOf } from '../../nodes/primaries.js'
import { Target } from './target.js'
import { verify } from './verify.js'
import { LimitReached, type Work } from './work.js'

/** How often the run looks at what holds it up, and how often it makes its progress durable. */
const HEARTBEAT_MS = 250
const CHECKPOINT_MS = 1000

/** Copies, compares, and says what came of it. */
export async function runWarmup(
  spec: WarmupSpec,
  context: RunContext,
  options: SourceOptions,
): Promise<Ending> {
  let origin: Origin | undefined
  try {
    const state = context.state === undefined ? undefined : warmupState.parse(context.state)
    const targets = await patiently(context, () => factsOfPrimaries(context.cluster, options.clientName))
    if (!state) await context.measured('before', measure(targets))
    origin = await patiently(context, () => openOrigin(spec, context, options, targets))
    const limits = await replicaLimits(context.cluster, options.clientName)
    const run = new WarmupRun(spec, context, options, origin, (shard) => limits.get(shard) ?? Infinity, state)
    return await run.toTheEnd()
  } catch (error) {
    return endOf(error)
  } finally {
    await origin?.close()
  }
}

class WarmupRun {
  readonly #counted: Map<string, SourceProgress>
  readonly #work: Work
  readonly #target: Target
  readonly #copy: Copy
  readonly #gates = new Gates()
  readonly #sample: Sample
  /** When the copying of the whole operation began: ms since the epoch, and on the clock of this process. */
  readonly #began: number
  readonly #startedAt: number
  #failure: { error: Error } | undefined
  #reject: (error: unknown) => void = () => undefined
  readonly #failing = new Promise<never>((_, reject) => (this.#reject = reject))
  #saving = Promise.resolve()
  #savedAt = 0
  /** What was saved last. */
  #saved = ''
  #refused = ''
  /** A limit or a cancel ended the copying before all that was in doubt could be found again. */
  #cutShort = false

  constructor(
    private readonly spec: WarmupSpec,
    private readonly context: RunContext,
    private readonly options: SourceOptions,
    private readonly origin: Origin,
    replicaLimit: (shard: string) => number,
    state: WarmupState | undefined,
  ) {
    const now = () => performance.now()
    // Of the whole operation: what was copied before a restart is older than this process.
    this.#began = state?.startedAt ?? Date.now()
    this.#startedAt = now() - (Date.now() - this.#began)
    this.#failing.catch(() => undefined)
    this.#counted = sourcesOf(state)
    this.#sample = new Sample(spec.verify.sample - this.#drawn(), Math.random, spec.source.type === 'file')
    const turn = () => this.#turn()
    const fail = (error: unknown) => this.#fail(error)
    this.#target = new Target({
      cluster: context.cluster,
      clientName: options.clientName,
      guard: context,
      write: { replace: spec.conflict === 'replace', heat: origin.transfer.heat },
      memoryShare: spec.limits.memoryShare,
      replicaLimit,
      gates: this.#gates,
      now,
      turn,
      fail,
      failedOver: ({ slots }) => this.#copy.reopen(slots),
    })
    this.#work = {
      spec,
      transfer: origin.transfer,
      selection: selection(spec.select, context.keyPrefixes),
      target: this.#target,
      pace: new Pace({
        rate: () => context.rate(),
        now,
        limits: spec.limits,
        before: { ...this.#sum(), doubt: state?.doubt ?? 0 },
        turn,
      }),
      gates: this.#gates,
      sample: this.#sample,
      doubt:
        spec.conflict === 'skip' || spec.limits.keys !== undefined
          ? new Doubt(state?.doubt ?? 0, state?.passed ?? 0, () => this.#save(false), spec.limits.keys)
          : undefined,
      now,
      shards: shardsOf(state),
      turn,
      fail,
      refused: (error) => (this.#refused ||= error),
    }
    this.#copy = origin.copy(this.#work, this.#counted, state)
  }

  async toTheEnd(): Promise<Ending> {
    const drawn = await patiently(this.context, () => this.#draw())
    await this.#copyAll()
    const error = this.#failure?.error
    if (error instanceof Cancelled)
      return {
        state: 'cancelled',
        summary: `cancelled: ${tell(this.#sum(), this.#doubt)}; nothing is undone`,
      }
    this.#failure = undefined // a limit ends the copying only
    await this.context.verifying()
    // With a limit most keys of the source are missing with good reason.
    const keys = error === undefined ? [...this.#sample.keys(), ...drawn] : this.#sample.keys()
    // Before the comparison: its reads would count as hits.
    const targets = await patiently(this.context, () =>
      factsOfPrimaries(this.context.cluster, this.options.clientName),
    )
    await this.context.measured('after', measure(targets))
    const compared = await patiently(this.context, () => this.#verify(keys))
    await this.context.compared(compared)
    return endingOf(compared, {
      sum: this.#sum(),
      doubt: this.#doubt,
      limited: error !== undefined,
      refused: this.#refused,
    })
  }

  async #copyAll(): Promise<void> {
    let over = false
    const beating = this.#beat(() => over)
    const copying = this.#copy.run()
    try {
      await Promise.race([copying, this.#failing])
    } catch (error) {
      this.#failure ??= { error: error as Error }
    }
    over = true
    await this.#target.stop()
    await beating
    const error = this.#failure?.error
    if (error !== undefined) this.#copy.stop(error)
    await copying.catch(() => undefined)
    // Where it will go on, what is behind the last checkpoint is copied and counted again.
    if (error !== undefined && !(error instanceof Cancelled || error instanceof LimitReached)) throw error
    this.#cutShort = error !== undefined
    await this.#save(true)
    await this.context.gate([])
  }

  /** How many keys of the comparison are drawn at the source. */
  #drawn(): number {
    return this.origin.draw ? Math.floor(this.spec.verify.sample / 4) : 0
  }

  async #draw(): Promise<readonly Sampled[]> {
    const count = this.#drawn()
    if (!this.origin.draw || count === 0) return []
    const links = this.#targetLinks()
    try {
      const target = this.spec.conflict === 'skip' ? links : undefined
      return await this.origin.draw(this.#work, count, target)
    } finally {
      links.close()
    }
  }

  async #verify(keys: readonly Sampled[]): Promise<Comparison> {
    const [source, target] = [await this.origin.links(), this.#targetLinks()]
    try {
      const { spec } = this
      const { now } = this.#work
      const ageMs = () => now() - this.#startedAt
      const room = (bytes: number) => this.#work.pace.pass(bytes)
      return await verify(keys, { spec, source, target, now, ageMs, room })
    } finally {
      source?.close()
      target.close()
    }
  }

  #targetLinks(): NodeLinks {
    const { cluster } = this.context
    return NodeLinks.ofPrimaries(cluster, primariesOf(cluster), this.options.clientName)
  }

  /** Looks after gates and checkpoints until the run is over. */
  async #beat(isOver: () => boolean): Promise<void> {
    try {
      while (!isOver() && !this.#failure) {
        this.#target.tell()
        await this.context.gate(this.#gates.list())
        if (performance.now() - this.#savedAt >= CHECKPOINT_MS) await this.#save(false)
        await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS))
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Waits while the run is paused, and while its progress cannot be made durable. */
  async #turn(): Promise<void> {
    if (this.#failure) throw this.#failure.error
    try {
      await this.context.turn()
      await this.#saving
    } catch (error) {
      this.#fail(error)
      throw error
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error: error as Error }
    this.#reject(error)
  }

  /** One after the other. What is the same as at the last time is not saved again: a run may wait for days. */
  #save(over: boolean): Promise<void> {
    this.#savedAt = performance.now()
    const saving = this.#saving.then(async () => {
      const { doubt = 0, passed = 0, confirm } = this.#work.doubt?.mark() ?? {}
      const [progress, state] = [this.#progress(over), { ...this.#state(), doubt, passed }]
      const text = JSON.stringify([progress, state])
      if (text !== this.#saved) await this.context.checkpoint(progress, state)
      this.#saved = text
      confirm?.()
    })
    this.#saving = saving
    saving.catch(() => undefined)
    return saving
  }

  /** So many keys more than it counts as written, at most, were written by this run. */
  get #doubt(): number {
    const { doubt, spec } = this.#work
    if (!doubt) return 0
    const { written, existing } = shown(this.#sum())
    const most = this.#cutShort ? doubt.all : doubt.most(existing)
    return Math.min(most, (spec.limits.keys ?? Infinity) - written)
  }

  #state(): Omit<WarmupState, 'doubt' | 'passed'> {
    return {
      ...this.#copy.state(),
      startedAt: this.#began,
      sources: Object.fromEntries(
        [...this.#counted.values()].map(({ name, total, counts }) => [name, { total, counts }]),
      ),
      shards: Object.fromEntries(this.#work.shards),
    }
  }

  #progress(over: boolean): NodeProgress[] {
    const counted = [...this.#counted.values()]
    const counts = shownTogether(counted.map((one) => one.counts))
    const sources = counted.map(({ name, total, outcome, note }, i): NodeProgress => {
      const so = counts[i]!
      return { node: name, outcome, note, done: Math.min(so.read, total), total, counts: so }
    })
    const primaries = primariesOf(this.context.cluster).map(({ instance, shard }): NodeProgress => {
      const counts = this.#work.shards.get(shard) ?? { written: 0, existing: 0, bytes: 0 }
      return { node: instance, outcome: over ? 'done' : 'working', note: '', shard, counts: { ...counts } }
    })
    const all = [...sources, ...primaries, ...this.#formerPrimaries(primaries)]
    const maybeWritten = this.#doubt
    if (maybeWritten === 0) return all
    const note = `at most ${count(maybeWritten)} keys more were written: a process or a connection ended before the answer was kept`
    return [
      ...all,
      { node: 'not known where', outcome: 'done', note, done: 0, total: 0, counts: { maybeWritten } },
    ]
  }

  /** What a shard's former primary was said to have belongs to the one that took over. */
  #formerPrimaries(primaries: readonly NodeProgress[]): NodeProgress[] {
    const now = new Set(primaries.map(({ node }) => node))
    return this.context.nodes
      .filter(({ node, shard }) => shard !== undefined && !now.has(node))
      .map((progress) => ({ ...progress, outcome: 'skipped', note: 'no longer a primary', counts: {} }))
  }

  #sum(): Counts {
    const sum = noCounts()
    for (const { counts } of this.#counted.values()) addCounts(sum, counts)
    return sum
  }
}
