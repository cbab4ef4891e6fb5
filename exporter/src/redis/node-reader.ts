import { ConnectProbe } from './connect-probe.js'
import { NodeError, replyError } from './errors.js'
import { encodePipeline } from './frames.js'
import { readInfo } from './info.js'
import { keyContext } from './key-context.js'
import { isNothing, type KeyQuery } from './key-query.js'
import { KeyReader } from './key-reader.js'
import { AnsweredReading } from './answered-reading.js'
import type { RawLink } from './raw-link.js'
import { readRdbFile } from './rdb-file.js'
import {
  factsOf,
  readingRules,
  STANDARD_READ_OPTIONS,
  type Command,
  type NodeFacts,
  type ReadingRule,
  type ReadOptions,
} from './readings.js'
import { bulkOf, errorOf, type Answer, type NodeReading, type Replies } from './replies.js'

/** Plain INFO is what every server understands, and enough to know what it is. */
const FIRST_CONTACT = encodePipeline([['INFO']])
const PING = encodePipeline([['PING']])

/** A server that says it is Redis 7 and refuses INFO with several sections is read as an older one. */
const SEVERAL_SECTIONS = 700

/** Different sets of keys that scrapes ask for, of one node; the one that was asked first goes. */
const MOST_QUERIES = 16

/** How often a new connection is tried where slow readings are asked at every scrape. */
const USUAL_PROBE_MS = 30_000

/** How long a command that was refused is left alone. */
const REFUSED_MS = 3_600_000

/** The commands of one rule: its words as one text, and its place in the pipeline; -1 for one that was refused before. */
interface Asked {
  readonly rule: ReadingRule
  readonly commands: readonly { readonly words: Command; readonly key: string; readonly place: number }[]
}

interface Pipeline {
  readonly bytes: Buffer
  readonly count: number
  readonly asked: readonly Asked[]
}

interface Refused {
  readonly frame: Buffer
  readonly until: number
}

/**
 * Reads one node over its link: one pipeline, one round trip. Readings that overlap share one. A command that the
 * node does not know or allow costs its reading only, and is left alone for a while: the node counts it as an error.
 */
export class NodeReader {
  /** The last reading, however it ended. */
  last: NodeReading | undefined
  #reading: Promise<NodeReading> | undefined
  #facts: NodeFacts | undefined
  readonly #pipelines = new Map<boolean, Pipeline>()
  readonly #refusals = new Map<string, Refused>()
  readonly #kept = new Map<string, Replies>()
  readonly #keyReaders = new Map<string, KeyReader>()
  readonly #probe: ConnectProbe | undefined
  /** When the slow readings are due again; performance.now(). */
  #slowAt = 0

  constructor(
    readonly link: RawLink,
    private readonly options: ReadOptions = STANDARD_READ_OPTIONS,
  ) {
    if (options.collectors.has('connect'))
      this.#probe = new ConnectProbe(link, options.slowMs || USUAL_PROBE_MS)
  }

  /**
   * Reads the node, or joins the reading under way. Never throws: a failure is a reading with an error.
   * @param query the keys to look at besides, or null for none; those of the options unless given
   */
  async read(
    timeoutMs: number,
    query: KeyQuery | null = this.options.keys?.query ?? null,
  ): Promise<NodeReading> {
    const started = performance.now()
    this.#reading ??= this.#read(timeoutMs).finally(() => (this.#reading = undefined))
    const reading = await this.#reading
    const facts = this.#facts
    if (!query || isNothing(query) || !facts || !(reading instanceof AnsweredReading)) return reading
    const left = timeoutMs - (performance.now() - started)
    const found = await this.#keyReader(query).read(left, keyContext(reading, facts))
    if (query === this.options.keys?.query) this.#tellRefused(found)
    return reading.with(found)
  }

  #tellRefused(found: ReadonlyMap<string, Replies>): void {
    for (const [reading, { error: message }] of found) {
      if (message !== undefined && /: (?:ERR|NOPERM) /.test(message))
        this.options.onRefused?.({ reading, command: reading, message })
    }
  }

  /** Who looks at the same keys shares the look. */
  #keyReader(query: KeyQuery): KeyReader {
    const key = JSON.stringify(query)
    const known = this.#keyReaders.get(key)
    if (known) return known
    const reader = new KeyReader(this.link, query, this.options.keys!)
    this.#keyReaders.set(key, reader)
    const [oldest] = this.#keyReaders
    if (this.#keyReaders.size > MOST_QUERIES) {
      this.#keyReaders.delete(oldest![0])
      oldest![1].close()
    }
    return reader
  }

  async #read(timeoutMs: number): Promise<NodeReading> {
    const started = performance.now()
    const before = this.last
    const times = () => ({
      connectSeconds: this.link.connectSeconds,
      durationSeconds: (performance.now() - started) / 1000,
      at: Date.now() / 1000,
    })
    try {
      const left = countdown(timeoutMs)
      const pingSeconds = this.options.ping ? await this.#ping(left()) : undefined
      const replies = await this.#ask(left)
      this.last = new AnsweredReading(replies, times(), pingSeconds)
      this.#probe?.lookIfDue(timeoutMs)
      if (before?.error !== undefined) this.options.onState?.(this.link.address, undefined)
    } catch (error) {
      this.#forget()
      this.last = { error: (error as Error).message, ...times() }
      if (before?.error !== this.last.error) this.options.onState?.(this.link.address, this.last.error)
    }
    return this.last
  }

  async #ping(timeoutMs: number): Promise<number> {
    const started = performance.now()
    await this.link.exchange(PING, 1, timeoutMs)
    return (performance.now() - started) / 1000
  }

  async #ask(left: () => number): Promise<ReadonlyMap<string, Replies>> {
    const facts = (this.#facts ??= await this.#meet(left()))
    const now = performance.now()
    const slow = now >= this.#slowAt
    const { bytes, count, asked } = this.#pipeline(slow, now)
    const came = await this.link.exchange(bytes, count, left())
    // What is kept for a while must not keep what came with it.
    const frames = slow ? came.map((frame) => Buffer.from(frame)) : came
    if (slow) this.#slowAt = now + this.#slowPause()
    const info = frames[0]!
    const refused = errorOf(info)
    if (refused?.startsWith('ERR') && facts.version >= SEVERAL_SECTIONS) {
      this.#forget()
      this.#facts = { ...facts, version: SEVERAL_SECTIONS - 1 }
      return this.#ask(left)
    }
    this.#mustBeInfo(info)
    const replies = new Map<string, Replies>()
    for (const part of asked) replies.set(part.rule.name, this.#take(part, frames, now))
    if (!slow) for (const [name, kept] of this.#kept) replies.set(name, kept)
    await this.#askMore(replies, left)
    const probed = this.#probe?.last
    if (probed) replies.set('connect', probed)
    if (this.options.rdbFile) replies.set('rdb_file', await readRdbFile(replies.get('config')))

    // Another process answers than the last time: what is known of the old one is not true of this one.
    if (facts.runId !== '' && !info.includes(facts.runId, 0, 'latin1')) this.#forget()
    return replies
  }

  /** What the replies name is asked in one more round trip; a collector that is late there fails alone. */
  async #askMore(replies: Map<string, Replies>, left: () => number): Promise<void> {
    const ask = async (rule: ReadingRule, first: Replies = { frames: [] }): Promise<void> => {
      const started = performance.now()
      try {
        const followups = rule.more!(first.frames, this.options)
        if (followups.length === 0) return
        const request = encodePipeline(followups.map(({ command }) => command))
        const frames = await this.link.exchange(request, followups.length, left())
        const more = followups.map((followup, i) => ({ ...followup, frame: frames[i]! }))
        const durationSeconds = (performance.now() - started) / 1000
        const refused = rule.errorsAreAnswers ? undefined : this.#refusedIn(more)
        replies.set(rule.name, {
          ...first,
          more,
          durationSeconds,
          ...(refused !== undefined && { error: refused }),
        })
      } catch (error) {
        replies.set(rule.name, { ...first, error: (error as Error).message })
      }
    }
    const rules = readingRules.filter(({ name, more }) => more && this.#isOn(name))
    await Promise.all(rules.map((rule) => ask(rule, replies.get(rule.name))))
  }

  #refusedIn(answers: readonly Answer[]): string | undefined {
    for (const { of, command, frame } of answers) {
      const refused = errorOf(frame)
      if (refused !== undefined) return replyError(this.link.address, `${command[0]} ${of}`, refused).message
    }
    return undefined
  }

  #isOn(name: string): boolean {
    return (
      name === 'info' ||
      (name === 'script' && this.options.scripts.size > 0) ||
      this.options.collectors.has(name)
    )
  }

  /** @throws NodeError INFO is refused */
  async #meet(timeoutMs: number): Promise<NodeFacts> {
    const [reply] = await this.link.exchange(FIRST_CONTACT, 1, timeoutMs)
    this.#mustBeInfo(reply!)
    return factsOf(readInfo(bulkOf(reply!) ?? Buffer.alloc(0)))
  }

  /** @throws NodeError */
  #mustBeInfo(reply: Buffer): void {
    const { address } = this.link
    const refused = errorOf(reply)
    if (refused !== undefined) throw replyError(address, 'INFO', refused)
    if (!bulkOf(reply)?.includes(':'))
      throw new NodeError(
        'protocol',
        address,
        'INFO: an answer without a field; is that a Redis, or a proxy?',
      )
  }

  #take({ rule, commands }: Asked, frames: readonly Buffer[], now: number): Replies {
    let error: string | undefined
    const own = commands.map(({ words, key, place }) => {
      const frame = place < 0 ? this.#refusals.get(key)!.frame : frames[place]!
      const refused = errorOf(frame)
      if (refused !== undefined) {
        const { message } = replyError(this.link.address, words.slice(0, 2).join(' '), refused)
        if (place >= 0 && /^(ERR|NOPERM)/.test(refused)) {
          this.#refusals.set(key, { frame, until: now + REFUSED_MS })
          this.#pipelines.clear()
          if (error === undefined) this.options.onRefused?.({ reading: rule.name, command: key, message })
        }
        error ??= message
      }
      return frame
    })
    const replies = { frames: own, ...(error !== undefined && { error }) }
    if (this.#isSlow(rule)) this.#kept.set(rule.name, replies)
    return replies
  }

  #pipeline(slow: boolean, now: number): Pipeline {
    for (const [key, { until }] of this.#refusals) {
      if (until > now) continue
      this.#refusals.delete(key)
      this.#pipelines.clear()
    }
    let pipeline = this.#pipelines.get(slow)
    if (!pipeline) this.#pipelines.set(slow, (pipeline = this.#makePipeline(slow)))
    return pipeline
  }

  #makePipeline(slow: boolean): Pipeline {
    const sent: Command[] = []
    /** What two rules want is sent once. */
    const placed = new Map<string, number>()
    const place = (words: Command): Asked['commands'][number] => {
      const key = words.join(' ')
      if (this.#refusals.has(key)) return { words, key, place: -1 }
      const place = placed.get(key) ?? sent.push(words) - 1
      placed.set(key, place)
      return { words, key, place }
    }
    const asked = readingRules.flatMap((rule) => {
      if (!this.#isOn(rule.name) || (!slow && this.#isSlow(rule))) return []
      const commands = rule.commands(this.#facts!, this.options)
      if (commands.length === 0) return []
      return [{ rule, commands: commands.map(place) }]
    })
    return { bytes: encodePipeline(sent), count: sent.length, asked }
  }

  #isSlow(rule: ReadingRule): boolean {
    return this.options.slowMs > 0 && (rule.slow?.(this.options, this.#facts!) ?? false)
  }

  /** The first pause differs from node to node, so that they do not all have their slow turn at the same scrape. */
  #slowPause(): number {
    const { slowMs } = this.options
    if (this.#slowAt > 0) return slowMs
    const spread = Buffer.from(this.link.address).reduce((sum, byte) => (sum * 31 + byte) % 997, 7) / 997
    return slowMs * (0.5 + spread / 2)
  }

  /** Whatever comes back may be another server, or another version of it. */
  #forget(): void {
    this.#facts = undefined
    this.#pipelines.clear()
    this.#refusals.clear()
    this.#kept.clear()
    this.#slowAt = 0
  }
}

/** What is left of a time that begins with the first question; whole milliseconds. */
function countdown(timeoutMs: number): () => number {
  let started: number | undefined
  return () => {
    started ??= performance.now()
    return Math.max(1, timeoutMs - Math.floor(performance.now() - started))
  }
}
