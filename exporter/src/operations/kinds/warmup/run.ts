import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { NodeProgress } from '../../../contract/operations.js'
import { Cancelled, type Ending, type RunContext } from '../../kind.js'
import { ClusterCopy } from './cluster-copy.js'
import { addCounts, noCounts, shown, type Counts } from './counts.js'
import { Gates } from './gates.js'
import { Pace } from './pace.js'
import type { SourceOptions } from './plan.js'
import { Sample } from './sample.js'
import { selection } from './select.js'
import { shardsOf, sourcesOf, warmupState, type WarmupState } from './state.js'
import { Target } from './target.js'
import type { Cluster } from '../../../redis/cluster.js'
import { factsOf, sourceNodes } from './source-node.js'
import { measure, primariesOf, replicaLimits } from './target-facts.js'
import { transferBetween } from './transfer.js'
import { LimitReached, type Work } from './work.js'

/** How often the run looks at what holds it up, and how often it makes its progress durable. */
const HEARTBEAT_MS = 250
const CHECKPOINT_MS = 1000

interface RunOptions extends SourceOptions {
  readonly source: Cluster
}

/** Copies from a cluster or a single node. */
export async function runWarmup(
  spec: WarmupSpec,
  context: RunContext,
  options: SourceOptions,
): Promise<Ending> {
  const { source } = options
  if (!source)
    return {
      state: 'needs-attention',
      summary: 'the source is not configured here any more; nothing more was copied',
    }
  const run = await WarmupRun.open(spec, context, { ...options, source })
  return run.toTheEnd()
}

class WarmupRun {
  readonly #counted: Map<string, ReturnType<typeof sourcesOf> extends Map<string, infer P> ? P : never>
  readonly #work: Work
  readonly #target: Target
  readonly #copy: ClusterCopy
  readonly #gates = new Gates()
  #failure: { error: unknown } | undefined
  #failed: (error: unknown) => void = () => undefined
  readonly #failing = new Promise<never>((_, reject) => (this.#failed = reject))
  #saving: Promise<void> | undefined
  #savedAt = 0
  #refused = ''

  constructor(
    spec: WarmupSpec,
    private readonly context: RunContext,
    private readonly options: RunOptions,
    work: Pick<Work, 'transfer'>,
    replicaLimit: (shard: string) => number,
    state: WarmupState | undefined,
  ) {
    const now = () => performance.now()
    this.#failing.catch(() => undefined)
    this.#counted = sourcesOf(state)
    this.#target = new Target({
      cluster: context.cluster,
      clientName: options.clientName,
      write: { replace: spec.conflict === 'replace', heat: work.transfer.heat },
      memoryShare: spec.limits.memoryShare,
      replicaLimit,
      gates: this.#gates,
      now,
      turn: () => this.#turn(),
      fail: (error) => this.#fail(error),
      failedOver: ({ slots }) => this.#copy.reopen(slots),
    })
    const before = this.#sum()
    this.#work = {
      spec,
      transfer: work.transfer,
      selection: selection(spec.select, context.keyPrefixes),
      target: this.#target,
      pace: new Pace({ rate: () => context.rate(), now, limits: spec.limits, before }),
      gates: this.#gates,
      sample: new Sample(spec.verify.sample, Math.random),
      now,
      shards: shardsOf(state),
      turn: () => this.#turn(),
      fail: (error) => this.#fail(error),
      refused: (error) => (this.#refused ||= error),
    }
    this.#copy = new ClusterCopy(this.#work, options.source, options.clientName, this.#counted, state)
  }

  static async open(spec: WarmupSpec, context: RunContext, options: RunOptions): Promise<WarmupRun> {
    const { source, clientName } = options
    const state = context.state === undefined ? undefined : warmupState.parse(context.state)
    await source.refresh()
    const sources = await sourceNodes(source, clientName)
    const targets = await Promise.all(
      primariesOf(context.cluster).map((node) => factsOf(context.cluster, node, clientName)),
    )
    if (!state) await context.measured('before', measure(targets))
    const transfer = transferBetween(sources.nodes, targets, spec.restore)
    const limits = await replicaLimits(context.cluster, clientName)
    return new WarmupRun(
      spec,
      context,
      options,
      { transfer },
      (shard) => limits.get(shard) ?? Infinity,
      state,
    )
  }

  async toTheEnd(): Promise<Ending> {
    let over = false
    const beating = this.#beat(() => over)
    try {
      await Promise.race([this.#copy.run(), this.#failing])
    } catch (error) {
      this.#failure ??= { error }
    } finally {
      over = true
    }
    await this.#target.stop()
    this.#copy.countNow()
    await beating
    const error = this.#failure?.error
    if (error !== undefined && !(error instanceof LimitReached || error instanceof Cancelled)) throw error
    await this.#save()
    await this.context.gate([])
    if (error instanceof Cancelled)
      return { state: 'cancelled', summary: `cancelled: ${this.#tell()}; nothing is undone` }
    await this.context.verifying()
    const after = await Promise.all(
      primariesOf(this.context.cluster).map((node) =>
        factsOf(this.context.cluster, node, this.options.clientName),
      ),
    )
    await this.context.measured('after', measure(after))
    return { state: 'succeeded', summary: this.#tell() }
  }

  /** Looks after gates and checkpoints until the run is over. */
  async #beat(isOver: () => boolean): Promise<void> {
    try {
      while (!isOver()) {
        await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS))
        if (isOver() || this.#failure) return
        this.#target.tell()
        await this.context.gate(this.#gates.list())
        if (performance.now() - this.#savedAt >= CHECKPOINT_MS) await this.#save()
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
    this.#failure ??= { error }
    this.#failed(error)
  }

  #save(): Promise<void> {
    this.#savedAt = performance.now()
    const saving = this.context.checkpoint(this.#progress(), this.#state())
    this.#saving = saving
    saving.catch(() => undefined)
    return saving
  }

  #state(): WarmupState {
    return {
      ...this.#copy.state(),
      sources: Object.fromEntries(
        [...this.#counted.values()].map(({ name, total, counts }) => [name, { total, counts }]),
      ),
      shards: Object.fromEntries(this.#work.shards),
    }
  }

  #progress(): NodeProgress[] {
    const sources = [...this.#counted.values()].map(
      ({ name, total, outcome, note, counts }): NodeProgress => {
        const now = shown(counts)
        return { node: name, outcome, note, done: Math.min(now.read, total), total, counts: now }
      },
    )
    const primaries = this.#target.primaries().map((node): NodeProgress => {
      const counts = this.#work.shards.get(node.shard) ?? { written: 0, existing: 0, bytes: 0 }
      return { node: node.instance, outcome: 'working', note: '', shard: node.shard, counts: { ...counts } }
    })
    return [...sources, ...primaries]
  }

  #sum(): Counts {
    const sum = noCounts()
    for (const { counts } of this.#counted.values()) addCounts(sum, counts)
    return sum
  }

  #tell(): string {
    const { written, existing } = shown(this.#sum())
    return `${written} keys written, ${existing} were there already`
  }
}
