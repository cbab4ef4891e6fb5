import { replyError } from './errors.js'
import { encodePipeline } from './frames.js'
import { readingRules, type Command, type NodeFacts, type ReadingRule, type ReadOptions } from './readings.js'
import { errorOf, type Replies } from './replies.js'

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

/** What is asked this time. */
export interface Round {
  readonly pipeline: Pipeline
  /** Whether the slow readings have their turn. */
  readonly slow: boolean
  /** performance.now() */
  readonly at: number
}

/** Whether a reading is wanted. */
export function isOn(name: string, { scripts, collectors }: ReadOptions): boolean {
  return name === 'info' || (name === 'script' && scripts.size > 0) || collectors.has(name)
}

/**
 * What one process is asked, round by round. A command that it does not know or allow is left alone for a while, since
 * the node counts it as an error, and replies to slow readings stand until their next turn. Of another process none of
 * that is true: it gets questions of its own.
 */
export class Questions {
  readonly #pipelines = new Map<boolean, Pipeline>()
  readonly #refusals = new Map<string, Refused>()
  readonly #kept = new Map<string, Replies>()
  /** When the slow readings are due again; performance.now(). */
  #slowAt = 0

  constructor(
    readonly facts: NodeFacts,
    private readonly address: string,
    private readonly options: ReadOptions,
  ) {}

  /** @param at performance.now() */
  round(at: number): Round {
    for (const [key, { until }] of this.#refusals) {
      if (until > at) continue
      this.#refusals.delete(key)
      this.#pipelines.clear()
    }
    const slow = at >= this.#slowAt
    let pipeline = this.#pipelines.get(slow)
    if (!pipeline) this.#pipelines.set(slow, (pipeline = this.#makePipeline(slow)))
    return { pipeline, slow, at }
  }

  /**
   * Takes the replies of a round.
   * @returns those of each reading, kept ones included
   */
  answered({ pipeline, slow, at }: Round, came: readonly Buffer[]): Map<string, Replies> {
    // What is kept for a while must not keep what came with it.
    const frames = slow ? came.map((frame) => Buffer.from(frame)) : came
    if (slow) this.#slowAt = at + this.#slowPause()
    const replies = new Map<string, Replies>()
    for (const part of pipeline.asked) replies.set(part.rule.name, this.#take(part, frames, at))
    if (!slow) for (const [name, kept] of this.#kept) replies.set(name, kept)
    return replies
  }

  #take({ rule, commands }: Asked, frames: readonly Buffer[], at: number): Replies {
    let error: string | undefined
    const own = commands.map(({ words, key, place }) => {
      const frame = place < 0 ? this.#refusals.get(key)!.frame : frames[place]!
      const refused = errorOf(frame)
      if (refused !== undefined) {
        const { message } = replyError(this.address, words.slice(0, 2).join(' '), refused)
        if (place >= 0 && /^(ERR|NOPERM)/.test(refused)) {
          this.#refusals.set(key, { frame, until: at + REFUSED_MS })
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
      if (!isOn(rule.name, this.options) || (!slow && this.#isSlow(rule))) return []
      const commands = rule.commands(this.facts, this.options)
      if (commands.length === 0) return []
      return [{ rule, commands: commands.map(place) }]
    })
    return { bytes: encodePipeline(sent), count: sent.length, asked }
  }

  #isSlow(rule: ReadingRule): boolean {
    return this.options.slowMs > 0 && (rule.slow?.(this.options, this.facts) ?? false)
  }

  /** The first pause differs from node to node, so that they do not all have their slow turn at the same scrape. */
  #slowPause(): number {
    const { slowMs } = this.options
    if (this.#slowAt > 0) return slowMs
    const spread = Buffer.from(this.address).reduce((sum, byte) => (sum * 31 + byte) % 997, 7) / 997
    return slowMs * (0.5 + spread / 2)
  }
}
