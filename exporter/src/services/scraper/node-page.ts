import { collectNode, nodeCollectors, appendRole, type CollectOptions } from '../../collectors/node.js'
import { collectSelf } from '../../collectors/self.js'
import type { Collector, LinesReading } from '../../collectors/table.js'
import { Samples, type Labels } from '../../exposition/families.js'
import { Page } from '../../exposition/page.js'
import { InfoLines, visitInfo } from '../../redis/info.js'
import { bulkOf, type NodeReading } from '../../redis/replies.js'
import { CollectorPages, type Changes } from './collector-pages.js'
import type { Line } from './line-page.js'
import { SamplesPage } from './samples-page.js'

/**
 * A node's part of the exposition, kept from scrape to scrape: the only place where replies meet pages. A reply of the
 * same shape as the last one costs the lines that changed, written in place; another shape costs the collector its
 * pages, which are laid anew. What the pages say is what `collectNode` says of the same reading, rendered by text.ts.
 */
export class NodePage {
  readonly #texts: Record<LinesReading, LinesText> = { info: new LinesText(), cluster_info: new LinesText() }
  readonly #collectors = new Map<Collector, CollectorPages>()
  /** What the exporter says of its reading. */
  readonly #self = new SamplesPage((samples) => this.#lay(samples))
  /** With --append-instance-role-label, which is part of every series. */
  #role = ''

  constructor(
    readonly labels: Labels,
    private readonly namespace: string,
    private readonly options: CollectOptions,
  ) {}

  /** Brings the pages up to date. They are written over by the next reading. */
  update(reading: NodeReading): Page[] {
    this.#beOf(this.options.roleLabel ? (reading.info?.get('role') ?? '') : '')
    const failed = new Map<string, string>()
    const pages = reading.error === undefined ? this.#collect(reading, failed) : []
    if (pages.some(({ layout }) => layout.most > this.#mostSure)) return [this.#plain(reading)]
    const self = new Samples()
    collectSelf(reading, self, failed)
    pages.push(...this.#self.update(self))
    return pages
  }

  #beOf(role: string): void {
    if (role === this.#role) return
    this.#role = role
    this.#collectors.clear()
    this.#self.forget()
  }

  /** Samples of a family on a page that are within --metrics.max-series for sure: a family is on two pages at most. */
  get #mostSure(): number {
    return this.options.maxSeries ? this.options.maxSeries / 2 : Infinity
  }

  #plain(reading: NodeReading): Page {
    const samples = new Samples()
    collectNode(reading, samples, this.options)
    return new Page({ labels: this.labels, samples }, this.namespace)
  }

  #collect(reading: NodeReading, failed: Map<string, string>): Page[] {
    const changes = {
      info: this.#texts.info.update(textOf(reading, 'info')),
      cluster_info: this.#texts.cluster_info.update(textOf(reading, 'cluster_info')),
    }
    if (!changes.info.sameShape || !changes.cluster_info.sameShape) this.#collectors.clear()
    const pages: Page[] = []
    for (const collector of nodeCollectors) {
      if (this.options.off?.has(collector.name)) continue
      const lines = collector.lines && changes[collector.lines.reading]
      try {
        this.#pagesOf(collector).update(reading, changes.info, lines, pages)
      } catch (error) {
        this.#collectors.delete(collector)
        failed.set(collector.name, `the replies make no sense: ${(error as Error).message}`)
      }
    }
    return pages
  }

  #pagesOf(collector: Collector): CollectorPages {
    let pages = this.#collectors.get(collector)
    if (!pages) {
      pages = new CollectorPages(collector, this.options, (samples) => this.#lay(samples))
      this.#collectors.set(collector, pages)
    }
    return pages
  }

  #lay(samples: Samples): Page {
    if (this.options.roleLabel) appendRole(samples, this.#role)
    return new Page({ labels: this.labels, samples }, this.namespace)
  }
}

function textOf(reading: NodeReading, name: LinesReading): Buffer {
  const frame = reading.replies?.get(name)?.frames[0]
  return (frame && bulkOf(frame)) ?? Buffer.alloc(0)
}

/** A reply of `key:value` lines, compared with the one before. */
class LinesText {
  #text: Buffer = Buffer.alloc(0)
  readonly #lines = new InfoLines()
  /** Lines whose key was there before: the first counts. */
  #repeated: ReadonlySet<number> = new Set()

  update(text: Buffer): Changes & { sameShape: boolean } {
    const changed: Line[] = []
    const sameShape = this.#lines.update(text, (number, keyStart, keyEnd, valueStart, valueEnd) => {
      if (this.#repeated.has(number)) return
      const key = text.toString('utf8', keyStart, keyEnd)
      changed.push({ number, key, value: text.toString('utf8', valueStart, valueEnd) })
    })
    this.#text = text
    if (!sameShape) this.#repeated = repeatedLines(text)
    return { sameShape, changed, all: () => this.#all() }
  }

  #all(): Line[] {
    const lines: Line[] = []
    let number = 0
    visitInfo(this.#text, (keyStart, keyEnd, valueStart, valueEnd) => {
      const [key, value] = [
        this.#text.toString('utf8', keyStart, keyEnd),
        this.#text.toString('utf8', valueStart, valueEnd),
      ]
      if (!this.#repeated.has(number)) lines.push({ number, key, value })
      number++
    })
    return lines
  }
}

function repeatedLines(text: Buffer): Set<number> {
  const keys = new Set<string>()
  const repeated = new Set<number>()
  let number = 0
  visitInfo(text, (keyStart, keyEnd) => {
    const key = text.toString('utf8', keyStart, keyEnd)
    if (keys.has(key)) repeated.add(number)
    keys.add(key)
    number++
  })
  return repeated
}
