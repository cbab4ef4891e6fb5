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
import { NodeTexts } from './node-texts.js'
import { isOn, Questions } from './questions.js'
import {
  factsOf,
  readingRules,
  STANDARD_READ_OPTIONS,
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

/**
 * Reads one node over its link: one pipeline, one round trip. Readings that overlap share one. A command that the
 * node does not know or allow costs its reading only, and is left alone for a while: the node counts it as an error.
 */
export class NodeReader {
  /** The last reading, however it ended. */
  last: NodeReading | undefined
  #reading: Promise<NodeReading> | undefined
  /** What the process is asked that answered last; undefined before the first, and where another may answer. */
  #questions: Questions | undefined
  readonly #texts = new NodeTexts()
  readonly #rulesOfMore: readonly ReadingRule[]
  readonly #keyReaders = new Map<string, KeyReader>()
  readonly #probe: ConnectProbe | undefined

  constructor(
    readonly link: RawLink,
    private readonly options: ReadOptions = STANDARD_READ_OPTIONS,
  ) {
    this.#rulesOfMore = readingRules.filter(({ name, more }) => more && isOn(name, options))
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
    const facts = this.#questions?.facts
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
      this.last = new AnsweredReading(
        replies,
        { ...times(), ...(pingSeconds !== undefined && { pingSeconds }) },
        this.#texts,
      )
      this.#probe?.lookIfDue(timeoutMs)
      if (before?.error !== undefined) this.options.onState?.(this.link.address, undefined)
    } catch (error) {
      this.#questions = undefined
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
    const questions = (this.#questions ??= this.#questionsFor(await this.#meet(left())))
    const { facts } = questions
    const round = questions.round(performance.now())
    const { bytes, count } = round.pipeline
    const frames = await this.link.exchange(bytes, count, left(), 'lent')
    const info = frames[0]!
    const refused = errorOf(info)
    if (refused?.startsWith('ERR') && facts.version >= SEVERAL_SECTIONS) {
      this.#questions = this.#questionsFor({ ...facts, version: SEVERAL_SECTIONS - 1 })
      return this.#ask(left)
    }
    this.#mustBeInfo(info)
    // Another process answers than the last time: what is known of the old one is not true of this one.
    if (facts.runId !== '' && !info.includes(facts.runId, 0, 'latin1')) this.#questions = undefined
    return this.#withMore(questions.answered(round, frames), left)
  }

  /** What the replies name is asked in one more round trip; a collector that is late there fails alone. */
  async #withMore(
    answered: ReadonlyMap<string, Replies>,
    left: () => number,
  ): Promise<ReadonlyMap<string, Replies>> {
    const probed = this.#probe?.last
    const { rdbFile } = this.options
    const asked = this.#rulesOfMore.map((rule) => this.#askMore(rule, answered.get(rule.name), left))
    const found = await Promise.all(asked)
    if (!probed && !rdbFile && found.every((one) => !one)) return answered
    const replies = new Map(answered)
    for (const [i, { name }] of this.#rulesOfMore.entries()) if (found[i]) replies.set(name, found[i])
    if (probed) replies.set('connect', probed)
    if (rdbFile) replies.set('rdb_file', await readRdbFile(replies.get('config')))
    return replies
  }

  async #askMore(
    rule: ReadingRule,
    first: Replies = { frames: [] },
    left: () => number,
  ): Promise<Replies | undefined> {
    const started = performance.now()
    try {
      const followups = rule.more!(first.frames, this.options)
      if (followups.length === 0) return undefined
      const request = encodePipeline(followups.map(({ command }) => command))
      const frames = await this.link.exchange(request, followups.length, left())
      const more = followups.map((followup, i) => ({ ...followup, frame: frames[i]! }))
      const durationSeconds = (performance.now() - started) / 1000
      const refused = rule.errorsAreAnswers ? undefined : this.#refusedIn(more)
      return { ...first, more, durationSeconds, ...(refused !== undefined && { error: refused }) }
    } catch (error) {
      return { ...first, error: (error as Error).message }
    }
  }

  #refusedIn(answers: readonly Answer[]): string | undefined {
    for (const { of, command, frame } of answers) {
      const refused = errorOf(frame)
      if (refused !== undefined) return replyError(this.link.address, `${command[0]} ${of}`, refused).message
    }
    return undefined
  }

  #questionsFor(facts: NodeFacts): Questions {
    return new Questions(facts, this.link.address, this.options, this.#texts)
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
}

/** What is left of a time that begins with the first question; whole milliseconds. */
function countdown(timeoutMs: number): () => number {
  let started: number | undefined
  return () => {
    started ??= performance.now()
    return Math.max(1, timeoutMs - Math.floor(performance.now() - started))
  }
}
