import { replyError } from './errors.js'
import { encodePipeline } from './frames.js'
import type { NodeTexts } from './node-texts.js'
import { readingRules, type Command, type NodeFacts, type ReadingRule, type ReadOptions } from './readings.js'
import { errorOf, type Replies } from './replies.js'

/** How long a command that was refused is left alone. */
const REFUSED_MS = 3_600_000

/** The commands of one rule: its words as one text, and its place in the pipeline; -1 for one that was refused before. */
interface Asked {
  readonly rule: ReadingRule
  readonly commands: readonly { readonly words: Command; readonly key: string; readonly place: number }[]
}

/** Nodes that are asked the same share it. */
interface Pipeline {
  readonly bytes: Buffer
  readonly count: number
  readonly asked: readonly Asked[]
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

const pipelines = new WeakMap<ReadOptions, Map<string, Pipeline>>()

/** In memory of its own: in that which small buffers share, it would keep the others. */
function copyOf(frame: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(frame.length)
  copy.set(frame)
  return copy
}

/**
 * What one process is asked, round by round, and what it has answered: replies to slow readings stand until their next
 * turn. A command that it does not know or allow is left alone for a while, since the node counts it as an error. Of
 * another process none of that is true: it gets questions of its own.
 */
export class Questions {
  readonly #pipelines = new Map<boolean, Pipeline>()
  /** Commands that were refused, and until when they are left alone; performance.now(). */
  readonly #refusals = new Map<string, number>()
  readonly #replies = new Map<string, Replies>()
  /** The last reply to each command. */
  readonly #kept = new Map<string, Buffer>()
  /** When the slow readings are due again; performance.now(). */
  #slowAt = 0

  constructor(
    readonly facts: NodeFacts,
    private readonly address: string,
    private readonly options: ReadOptions,
    private readonly texts: NodeTexts,
  ) {}

  /** @param at performance.now() */
  round(at: number): Round {
    for (const [key, until] of this.#refusals) {
      if (until > at) continue
      this.#refusals.delete(key)
      this.#pipelines.clear()
    }
    const slow = at >= this.#slowAt
    let pipeline = this.#pipelines.get(slow)
    if (!pipeline) this.#pipelines.set(slow, (pipeline = this.#pipelineOf(slow)))
    return { pipeline, slow, at }
  }

  /**
   * Takes the replies of a round; what is new of them is copied.
   * @returns those of each reading, the same map each time
   */
  answered({ pipeline, slow, at }: Round, frames: readonly Buffer[]): ReadonlyMap<string, Replies> {
    if (slow) this.#slowAt = at + this.#slowPause()
    for (const asked of pipeline.asked) this.#take(asked, frames, at)
    return this.#replies
  }

  #take({ rule, commands }: Asked, came: readonly Buffer[], at: number): void {
    let error: string | undefined
    let frames = commands.map(({ words, key, place }) => {
      const frame = place < 0 ? this.#kept.get(key)! : came[place]!
      const refused = errorOf(frame)
      if (refused !== undefined) {
        const { message } = replyError(this.address, words.slice(0, 2).join(' '), refused)
        if (place >= 0 && /^(ERR|NOPERM)/.test(refused)) {
          this.#refusals.set(key, at + REFUSED_MS)
          this.#pipelines.clear()
          if (error === undefined) this.options.onRefused?.({ reading: rule.name, command: key, message })
        }
        error ??= message
      }
      return frame
    })
    if (rule.name === 'info' || rule.name === 'cluster_info') {
      this.texts.take(rule.name, frames[0])
      if (error === undefined) frames = []
    }
    const own = frames.map((frame, i) => this.#keep(commands[i]!.key, frame))
    const before = this.#replies.get(rule.name)
    if (before && before.error === error && before.frames.every((frame, i) => frame === own[i])) return
    this.#replies.set(rule.name, { frames: own, ...(error !== undefined && { error }) })
  }

  /** The reply to a command as it is kept: the same as the last time, if it says the same. */
  #keep(key: string, frame: Buffer): Buffer {
    const before = this.#kept.get(key)
    if (before?.equals(frame)) return before
    const own = copyOf(frame)
    this.#kept.set(key, own)
    return own
  }

  #pipelineOf(slow: boolean): Pipeline {
    const { version, valkeyVersion, mode } = this.facts
    const key = [version, valkeyVersion, mode, slow, ...this.#refusals.keys()].join('\n')
    let made = pipelines.get(this.options)
    if (!made) pipelines.set(this.options, (made = new Map<string, Pipeline>()))
    let pipeline = made.get(key)
    if (!pipeline) made.set(key, (pipeline = this.#makePipeline(slow)))
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
