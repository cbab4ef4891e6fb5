import type { CollectOptions } from '../../collectors/node.js'
import type { Collector } from '../../collectors/table.js'
import { Samples } from '../../exposition/families.js'
import type { Page } from '../../exposition/page.js'
import type { InfoFields, Line, NodeReading, Replies } from '../../redis/replies.js'
import { LinePage } from './line-page.js'
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
  /** What `collect` made the rest of. */
  readonly #replies = new SeenReplies()
  readonly #fields = new SeenFields()

  constructor(
    private readonly collector: Collector,
    private readonly options: CollectOptions,
    private readonly lay: (samples: Samples) => Page,
  ) {
    this.#rest = new SamplesPage(lay)
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
    const sameFields = !this.#fields.update(changed, reading.info!)
    if (!this.#replies.update(this.collector.readings, reading.replies!) && sameFields) return
    const samples = new Samples(this.options.keep)
    this.collector.collect!(readingWith(reading, this.#fields), samples, this.options)
    this.#rest.update(samples)
  }
}

/** The replies that were looked at. */
class SeenReplies {
  /** Undefined before the first look. Written over, since what is kept from scrape to scrape is dear garbage. */
  #seen: (Replies | undefined)[] | undefined

  /** @returns whether one of them is another */
  update(names: readonly string[], replies: ReadonlyMap<string, Replies>): boolean {
    let isChanged = !this.#seen
    const seen = (this.#seen ??= names.map(() => undefined))
    for (const [i, name] of names.entries()) {
      const now = replies.get(name)
      isChanged ||= seen[i] !== now
      seen[i] = now
    }
    return isChanged
  }
}

/** Fields of INFO that somebody has looked at, kept up to date by the lines that changed. */
class SeenFields implements InfoFields {
  #seen: Map<string, string | undefined> | undefined
  #source: InfoFields | undefined
  #sawAll = false

  /** @returns whether what was looked at has changed */
  update(changed: readonly Line[], source: InfoFields): boolean {
    this.#source = source
    let isChanged = this.#sawAll
    if (!this.#seen) return isChanged
    for (const { key, value } of changed) {
      if (!this.#seen.has(key)) continue
      this.#seen.set(key, value)
      isChanged = true
    }
    return isChanged
  }

  get(key: string): string | undefined {
    const seen = (this.#seen ??= new Map<string, string | undefined>())
    if (!seen.has(key)) seen.set(key, this.#source!.get(key))
    return seen.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    this.#sawAll = true
    return this.#source![Symbol.iterator]()
  }
}

/** The same reading as seen through other fields of INFO. */
function readingWith(reading: NodeReading, info: InfoFields): NodeReading {
  const { replies, clusterInfo, connectSeconds, durationSeconds, at } = reading
  // A plain object: with a spread or a getter V8 makes a class of its own for each.
  return { replies: replies!, info, clusterInfo, connectSeconds, durationSeconds, at }
}
