import type { CollectOptions } from '../../collectors/node.js'
import type { Collector } from '../../collectors/table.js'
import { Samples } from '../../exposition/families.js'
import type { Page } from '../../exposition/page.js'
import type { InfoFields, NodeReading, Replies } from '../../redis/replies.js'
import { LinePage, type Line } from './line-page.js'
import { SamplesPage } from './samples-page.js'

/** What the texts of a reading say compared to those of the reading before: the same keys, and some other values. */
export interface Changes {
  /** All fields, for a page that has to be laid. */
  readonly all: () => readonly Line[]
  /** Those with another value. */
  readonly changed: readonly Line[]
}

/** What one collector makes of a node, on pages. */
export class CollectorPages {
  #lines: LinePage | undefined
  readonly #rest: SamplesPage
  /** What `collect` made the rest of: replies, and fields of INFO. */
  #replies: readonly (Replies | undefined)[] | undefined
  readonly #names: readonly string[]
  readonly #fields = new SeenFields()

  constructor(
    private readonly collector: Collector,
    private readonly options: CollectOptions,
    private readonly lay: (samples: Samples) => Page,
  ) {
    this.#rest = new SamplesPage(lay)
    this.#names = collector.readings.filter((name) => name !== 'info' && name !== 'cluster_info')
  }

  /**
   * Brings the pages up to date and adds them to the others.
   * @param info changes of INFO
   * @param lines changes of the text that the collector reads by lines
   * @throws what the collector throws; then these pages are of no use any more
   */
  update(reading: NodeReading, info: Changes, lines: Changes | undefined, pages: Page[]): void {
    if (lines) this.#updateLines(reading, lines)
    if (this.collector.collect) this.#updateRest(reading, info)
    if (this.#lines) pages.push(this.#lines.page)
    if (this.#rest.page) pages.push(this.#rest.page)
  }

  #updateLines(reading: NodeReading, { all, changed }: Changes): void {
    const current = this.#lines
    if (current && changed.every((line) => current.write(line, reading))) return
    this.#lines = new LinePage(this.collector.lines!.collect, this.options, all(), reading, this.lay)
  }

  #updateRest(reading: NodeReading, { changed }: Changes): void {
    const before = this.#replies
    // The newest even where they are equal: a reply holds on to all that came with it.
    const replies = (this.#replies = this.#names.map((name) => reading.replies?.get(name)))
    const sameFields = !this.#fields.update(changed, reading.info!)
    if (sameFields && before && replies.every((one, i) => sameReplies(before[i], one))) return
    const samples = new Samples(this.options.keep)
    this.collector.collect!(readingWith(reading, this.#fields), samples, this.options)
    this.#rest.update(samples)
  }
}

/** Fields of INFO that somebody has looked at, kept up to date by the lines that changed. */
class SeenFields implements InfoFields {
  readonly #seen = new Map<string, string | undefined>()
  #source: InfoFields = this.#seen as InfoFields
  #sawAll = false

  /** @returns whether what was looked at has changed */
  update(changed: readonly Line[], source: InfoFields): boolean {
    this.#source = source
    let isChanged = this.#sawAll
    if (this.#seen.size === 0) return isChanged
    for (const { key, value } of changed) {
      if (!this.#seen.has(key)) continue
      this.#seen.set(key, value)
      isChanged = true
    }
    return isChanged
  }

  get(key: string): string | undefined {
    if (!this.#seen.has(key)) this.#seen.set(key, this.#source.get(key))
    return this.#seen.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    this.#sawAll = true
    return this.#source[Symbol.iterator]()
  }
}

/** The same reading as seen through other fields of INFO. */
function readingWith(reading: NodeReading, info: InfoFields): NodeReading {
  const { replies, connectSeconds, durationSeconds, at } = reading
  return {
    ...(replies && { replies }),
    info,
    get clusterInfo() {
      return reading.clusterInfo
    },
    connectSeconds,
    durationSeconds,
    at,
  }
}

function sameReplies(before: Replies | undefined, now: Replies | undefined): boolean {
  if (before === now) return true
  if (!before || !now) return false
  if (before.frames.length !== now.frames.length || before.error !== now.error) return false
  const more = now.more ?? []
  return (
    now.frames.every((frame, i) => frame === before.frames[i] || frame.equals(before.frames[i]!)) &&
    (before.more ?? []).length === more.length &&
    more.every(({ of, command, frame }, i) => {
      const old = before.more![i]!
      return of === old.of && command.join(' ') === old.command.join(' ') && frame.equals(old.frame)
    })
  )
}
