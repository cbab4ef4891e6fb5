import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import type { StoredEvent } from '../contract/events.js'
import { chainedRow, conflictOf, storedAs, type ChainedRow, type DraftAppend, type Head } from './chain.js'
import { LeaseLost, LogUnavailable, type Fence } from './log.js'

/** Appends and events that go to the store together, at most; an append with more events goes by itself. */
const GROUP = 500
const GROUP_EVENTS = 1000
/** Appends that may wait for the store before further ones are refused. */
const MAX_WAITING = 20_000
/** Groups under way at once: the next one is hashed and sent while the store writes the last. */
const MAX_UNDER_WAY = 2
/** A store that takes longer is kept waiting by no group that could be larger. */
const QUICK_MS = 4
/** Appends that are worth two groups. */
const MANY = 16
/** How often an append is chained anew because other ones came first. */
const MAX_ROUNDS = 200
/** Heads that are remembered. */
const MAX_HEADS = 20_000

/** The head that a stream must have; undefined where the store is only asked for it. */
export interface WantedHead {
  readonly stream: string
  readonly head: Head | undefined
}

/**
 * What became of an append: the position of its first event, the others follow; or the valid token of its lease; or the
 * heads that its streams have, in the order in which they were wanted.
 */
export type AppendAnswer =
  { readonly first: number } | { readonly token: number } | { readonly heads: readonly Head[] }

/** Takes a group of appends as they are made ready, and writes them durably, each all or nothing on its own. */
export interface AppendGroup {
  /**
   * Begins an append: its events come next, if its heads are known.
   * @param fence the lease that must be held
   */
  append(fence: Fence | undefined, heads: readonly WantedHead[]): void
  /** The next event of the append. A store may begin to write it; it does not count before `commit`. */
  event(row: ChainedRow): void
  /**
   * @returns what became of each append
   * @throws LogUnavailable
   */
  commit(): Promise<readonly AppendAnswer[]>
  /** Nothing of it is to be written. */
  abandon(): void
}

interface Waiting<Condition> {
  readonly append: readonly DraftAppend[]
  readonly fence: Fence | undefined
  readonly condition: Condition | undefined
  readonly resolve: (events: StoredEvent[]) => void
  readonly reject: (error: Error) => void
}

/** An append that was given to the store. */
interface Sent<Condition> {
  readonly waiting: Waiting<Condition>
  /** None where the store was only asked for the heads. */
  readonly rows: readonly ChainedRow[]
  readonly streams: readonly string[]
}

/**
 * Appends group by group: those of a tick, and those that come while others are under way, go to the store together.
 * Hashes are made here, on the heads that the streams have or will have when what is under way is appended; where the
 * store has other ones it says so, and the append is chained anew on those.
 */
export class GroupWriter<Condition = never> {
  readonly #heads = new Map<string, Head>()
  readonly #waiting: Waiting<Condition>[] = []
  readonly #underWay = new Set<Promise<void>>()
  /** The last group had several appends. */
  #crowded = false
  /** Groups that are sent and not answered. */
  #unanswered = 0
  /** The store answered the last group soon. */
  #isQuick = false
  /** A group with a condition is under way. */
  #alone = false
  /** What goes on while only appends with a condition do. */
  readonly #holds = new Set<Promise<unknown>>()

  /**
   * @param name of the log, for people
   * @param open a new group, and what must hold for it besides
   * @param onAppend called after a group was appended
   * @param inTurns many appends that come at once go in two groups, where the store answers soon: worth it for a store
   *   that begins with a group when it has all of it
   */
  constructor(
    private readonly name: string,
    private readonly open: (condition: Condition | undefined) => AppendGroup,
    private readonly onAppend: () => void,
    private readonly inTurns = false,
  ) {}

  /**
   * @param condition such an append goes by itself
   * @throws VersionConflict | LeaseLost | LogUnavailable, and what the store throws where the condition does not hold
   */
  async append(append: readonly DraftAppend[], fence?: Fence, condition?: Condition): Promise<StoredEvent[]> {
    if (this.#waiting.length >= MAX_WAITING)
      throw new LogUnavailable(
        `event log ${this.name}: ${MAX_WAITING} appends wait for its store, which does not keep up; is its disk or its server hung or very slow?`,
      )
    return new Promise((resolve, reject) => {
      const waiting = { append, fence, condition, resolve, reject }
      // It is for such appends that the others wait.
      if (this.#holds.size > 0 && condition) this.#waiting.unshift(waiting)
      else this.#waiting.push(waiting)
      this.#start()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size + this.#holds.size > 0)
      await Promise.allSettled([...this.#underWay, ...this.#holds])
  }

  /** Does work while this process appends nothing but what has a condition; the rest waits. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const held = this.#stopped()
      .then(work)
      .finally(() => {
        this.#holds.delete(held)
        this.#start()
      })
    this.#holds.add(held)
    return held
  }

  async #stopped(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  get #isHeld(): boolean {
    return this.#holds.size > 0 && !this.#waiting[0]?.condition
  }

  #start(): void {
    if (this.#waiting.length === 0 || this.#alone) return
    if (this.#isHeld) return
    const { size } = this.#underWay
    if (size >= MAX_UNDER_WAY) return
    // What is appended between would only make a condition fail.
    if (size > 0 && this.#waiting.some(({ condition }) => condition)) return
    const group = this.#commit().finally(() => {
      this.#underWay.delete(group)
      this.#start()
    })
    this.#underWay.add(group)
  }

  async #commit(): Promise<void> {
    // Who appends alone need not wait for others; writers who were answered together come back in the same turn.
    await (this.#crowded ? setImmediate() : undefined)
    // It may have come to the front since this group was begun.
    if (this.#waiting[0]?.condition && this.#underWay.size > 1) return
    if (this.#isHeld) return
    const group = this.#waiting.splice(0, this.#groupSize())
    if (group.length === 0) return
    this.#crowded = group.length > 1
    this.#alone = group[0]!.condition !== undefined
    this.#start()
    await this.#commitGroup(group)
    this.#alone = false
  }

  #groupSize(): number {
    if (this.#waiting[0]?.condition) return 1
    let events = 0
    const end = this.#waiting.slice(0, GROUP).findIndex(({ append, condition }) => {
      events += append.reduce((sum, one) => sum + one.events.length, 0)
      return condition !== undefined || events > GROUP_EVENTS
    })
    const most = end === -1 ? GROUP : Math.max(1, end)
    // Where all wait for the same group, this thread and the store take turns at being idle; with two they do not.
    const halve = this.inTurns && this.#isQuick && this.#unanswered === 0 && this.#waiting.length >= MANY
    return halve ? Math.min(most, Math.ceil(this.#waiting.length / 2)) : most
  }

  async #commitGroup(group: readonly Waiting<Condition>[]): Promise<void> {
    if (this.#heads.size > MAX_HEADS) this.#heads.clear()
    let pending = group
    for (let round = 0; pending.length > 0; round++) {
      try {
        if (round === MAX_ROUNDS)
          throw new LogUnavailable(
            `event log ${this.name}: other processes append to the same streams without pause; ${MAX_ROUNDS} tries came too late`,
          )
        pending = await this.#round(pending)
      } catch (error) {
        // What became of them is not known, nor therefore the heads. Who waits behind them need not try the same store.
        this.#heads.clear()
        const behind = error instanceof LogUnavailable ? this.#waiting.splice(0) : []
        for (const { reject } of [...pending, ...behind]) reject(error as Error)
        return
      }
    }
    this.onAppend()
  }

  /** Sends appends once. @returns those that have to be chained anew */
  async #round(pending: readonly Waiting<Condition>[]): Promise<Waiting<Condition>[]> {
    const sent = this.#send(this.open(pending[0]!.condition), pending)
    // While the store is at work, this thread is not.
    const payloads = sent.all.map(({ rows }) => rows.map(({ data }) => JSON.parse(data) as unknown))
    const from = performance.now()
    this.#unanswered++
    const answers = await sent.answers.finally(() => this.#unanswered--)
    this.#isQuick = performance.now() - from < QUICK_MS
    /** Streams of the appends that are chained anew. */
    const unwritten = new Set<string>()
    return sent.all
      .filter((one, i) => {
        const isBehind = one.streams.some((stream) => unwritten.has(stream))
        const again = this.#settle(one, payloads[i]!, answers[i]!, isBehind)
        if (again) for (const stream of one.streams) unwritten.add(stream)
        return again
      })
      .map(({ waiting }) => waiting)
  }

  #send(group: AppendGroup, pending: readonly Waiting<Condition>[]) {
    try {
      const all = pending.map((waiting) => this.#chain(waiting, group))
      return { all, answers: group.commit() }
    } catch (error) {
      group.abandon()
      throw error
    }
  }

  /** Chains an append behind those before it. */
  #chain(waiting: Waiting<Condition>, group: AppendGroup): Sent<Condition> {
    const { append, fence } = waiting
    const streams = [...new Set(append.map(({ stream }) => stream))]
    const heads = streams.map((stream) => ({ stream, head: this.#heads.get(stream) }))
    // What this process knows may be old: no append is refused without asking the store.
    if (heads.some(({ head }) => !head) || conflictOf(append, (stream) => this.#heads.get(stream)!)) {
      group.append(
        fence,
        streams.map((stream) => ({ stream, head: undefined })),
      )
      // Those behind it in these streams come behind it in the log, too.
      for (const stream of streams) this.#heads.delete(stream)
      return { waiting, rows: [], streams }
    }
    group.append(fence, heads)
    const rows: ChainedRow[] = []
    for (const { stream, events } of append) {
      let head = this.#heads.get(stream)!
      for (const draft of events) {
        const row = chainedRow(stream, head, draft)
        group.event(row)
        rows.push(row)
        head = row
      }
      this.#heads.set(stream, { version: head.version, hash: head.hash })
    }
    return { waiting, rows, streams }
  }

  /**
   * @param payloads of its events
   * @param isBehind one of the same stream, which is not written yet: whether versions fit is seen when that is
   * @returns whether the append has to be chained anew
   */
  #settle(
    { waiting, rows, streams }: Sent<Condition>,
    payloads: readonly unknown[],
    answer: AppendAnswer,
    isBehind: boolean,
  ): boolean {
    const { append, fence, resolve, reject } = waiting
    if ('first' in answer) {
      resolve(rows.map((row, i) => storedAs(row, String(answer.first + i), payloads[i])))
      return false
    }
    if ('token' in answer) {
      reject(new LeaseLost(fence!, answer.token))
      return false
    }
    const now = new Map(streams.map((stream, i) => [stream, answer.heads[i]!]))
    for (const [stream, head] of now) this.#heads.set(stream, head)
    const conflict = conflictOf(append, (stream) => now.get(stream)!)
    if (!conflict || isBehind) return true
    reject(conflict)
    return false
  }
}
