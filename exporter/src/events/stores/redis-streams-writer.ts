import { setImmediate } from 'node:timers/promises'
import type { StoredEvent } from '../../contract/events.js'
import { chain, toStored, type ChainedRow, type DraftAppend, type Head } from '../chain.js'
import { LeaseLost, LogUnavailable, VersionConflict, type Fence } from '../log.js'
import { HEADS, headText, Indexes, LEASES, parseHead } from './redis-streams-keys.js'
import type { StreamsLink } from './redis-streams-link.js'
import { APPEND } from './redis-streams-scripts.js'

/** Appends and events that share a round trip, at most; an append with more events has one of its own. */
const GROUP = 500
const GROUP_EVENTS = 1000
/** Appends that may wait for the server before further ones are refused. */
const MAX_WAITING = 20_000
/** Groups under way at once: the next one is hashed and sent while the server writes the last. */
const MAX_UNDER_WAY = 2
/** How often an append is chained anew because other processes came first. */
const MAX_ROUNDS = 200
/** Heads that are remembered. */
const MAX_HEADS = 20_000

/** What must hold, besides versions and lease, for an append that goes by itself. */
export interface Condition {
  /** The last position of the log. */
  readonly last?: number
  /** The log is trimmed up to here, and up to `to` from now on. */
  readonly trimmed?: { readonly from: number; readonly to: number }
}

interface Waiting {
  readonly append: readonly DraftAppend[]
  readonly fence: Fence | undefined
  readonly condition: Condition | undefined
  readonly resolve: (events: StoredEvent[]) => void
  readonly reject: (error: Error) => void
}

/** An append as the script takes it; without rows the script is only asked for the heads. */
interface Prepared {
  readonly waiting: Waiting
  readonly rows: readonly ChainedRow[]
  readonly heads: readonly { readonly stream: string; readonly before: string; readonly after: string }[]
}

/**
 * Appends group by group: those of a tick, and those that come while others are under way, share a round trip. Hashes
 * are made here, on the heads that the streams have or will have when what is under way is appended; where the server
 * has other ones it says so, and the append is chained anew on those.
 */
export class StreamsWriter {
  readonly #heads = new Map<string, Head>()
  readonly #waiting: Waiting[] = []
  readonly #underWay = new Set<Promise<void>>()
  /** A group with a condition is under way. */
  #alone = false

  /** @param onAppend called after a group was appended */
  constructor(
    private readonly link: StreamsLink,
    private readonly onAppend: () => void,
  ) {}

  /** @throws VersionConflict | LeaseLost | LogUnavailable | Moved where the condition does not hold */
  async append(append: readonly DraftAppend[], fence?: Fence, condition?: Condition): Promise<StoredEvent[]> {
    if (this.#waiting.length >= MAX_WAITING)
      throw new LogUnavailable(
        `event log ${this.link.name}: ${MAX_WAITING} appends wait for the server, which does not keep up; is it hung or very slow?`,
      )
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, fence, condition, resolve, reject })
      this.#start()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #start(): void {
    if (this.#waiting.length === 0 || this.#alone) return
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
    await setImmediate()
    const group = this.#waiting.splice(0, this.#groupSize())
    if (group.length === 0) return
    this.#alone = group[0]!.condition !== undefined
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
    return end === -1 ? GROUP : Math.max(1, end)
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    if (this.#heads.size > MAX_HEADS) this.#heads.clear()
    let pending = group
    for (let round = 0; pending.length > 0; round++) {
      try {
        if (round === MAX_ROUNDS)
          throw new LogUnavailable(
            `event log ${this.link.name}: other processes append to the same streams without pause; ${MAX_ROUNDS} tries came too late`,
          )
        pending = await this.#round(pending)
      } catch (error) {
        // What became of them is not known, nor therefore the heads. Who waits behind them need not try the same server.
        this.#heads.clear()
        const behind = error instanceof LogUnavailable ? this.#waiting.splice(0) : []
        for (const { reject } of [...pending, ...behind]) reject(error as Error)
        return
      }
    }
    this.onAppend()
  }

  /** Sends appends once. @returns those that have to be chained anew */
  async #round(pending: readonly Waiting[]): Promise<Waiting[]> {
    const prepared = this.#prepare(pending)
    const { keys, args } = encode(prepared)
    const { last = '', trimmed } = pending[0]!.condition ?? {}
    const conditions = [last, trimmed?.from ?? '', trimmed?.to ?? ''].map(String)
    const answers = await this.link.write(
      'appending',
      APPEND,
      [HEADS, LEASES, ...keys],
      [...conditions, ...args],
    )
    return prepared
      .filter((one, i) => this.#settle(one, answers[i] as string | string[]))
      .map(({ waiting }) => waiting)
  }

  /** Chains each append behind those before it. */
  #prepare(pending: readonly Waiting[]): Prepared[] {
    const known = (stream: string) => this.#heads.get(stream)
    return pending.map((waiting) => {
      const streams = [...new Set(waiting.append.map(({ stream }) => stream))]
      const chained = streams.every(known) && attempt(waiting.append, (stream) => known(stream)!)
      // What this process knows may be old: no append is refused without asking the server.
      if (!chained || chained instanceof VersionConflict)
        return { waiting, rows: [], heads: streams.map((stream) => ({ stream, before: '*', after: '*' })) }
      const heads = streams.map((stream) => ({
        stream,
        before: headText(known(stream)!),
        after: headText(chained.heads.get(stream)!),
      }))
      for (const [stream, head] of chained.heads) this.#heads.set(stream, head)
      return { waiting, rows: chained.rows, heads }
    })
  }

  /** @returns whether the append has to be chained anew */
  #settle({ waiting, rows, heads }: Prepared, answer: string | readonly string[]): boolean {
    const { append, fence, resolve, reject } = waiting
    if (typeof answer === 'string') {
      const first = Number(answer)
      const newest = rows.at(-1)
      if (newest) this.link.saw(first + rows.length - 1, newest.hash)
      resolve(rows.map((row, i) => toStored({ ...row, position: String(first + i) })))
      return false
    }
    const [kind, ...told] = answer
    if (kind === 'lease') {
      reject(new LeaseLost(fence!, Number(told[0])))
      return false
    }
    heads.forEach(({ stream }, i) => this.#heads.set(stream, parseHead(told[i]!)))
    const now = new Map(heads.map(({ stream }, i) => [stream, parseHead(told[i]!)]))
    const chained = attempt(append, (stream) => now.get(stream)!)
    if (!(chained instanceof VersionConflict)) return true
    reject(chained)
    return false
  }
}

function attempt(
  append: readonly DraftAppend[],
  headOf: (stream: string) => Head,
): ReturnType<typeof chain> | VersionConflict {
  try {
    return chain(append, headOf)
  } catch (error) {
    if (error instanceof VersionConflict) return error
    throw error
  }
}

/** The keys of the indexes, and the appends; see APPEND. */
function encode(prepared: readonly Prepared[]): { keys: string[]; args: string[] } {
  /** Behind meta, log, heads and leases. */
  const indexes = new Indexes(4)
  const args: string[] = []
  for (const { waiting, rows, heads } of prepared) {
    const { lease = '', token = 0 } = waiting.fence ?? {}
    args.push(lease, String(token), String(heads.length), String(rows.length))
    for (const { stream, before, after } of heads) args.push(stream, before, after)
    for (const row of rows) args.push(...indexes.argumentsOf(row))
  }
  return { keys: indexes.keys, args }
}
