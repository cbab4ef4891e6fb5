import { collectNode, nodeCollectors, appendRole, type CollectOptions } from '../../collectors/node.js'
import { collectSelf } from '../../collectors/self.js'
import type { Collector, LinesReading } from '../../collectors/table.js'
import { Samples, type Labels } from '../../exposition/families.js'
import { Page } from '../../exposition/page.js'
import type { InfoLines, NodeReading } from '../../redis/replies.js'
import { CollectorPages, type Changes } from './collector-pages.js'
import { SamplesPage } from './samples-page.js'

/**
 * A node's part of the exposition, kept from scrape to scrape: the only place where replies meet pages. A reply of the
 * same shape as the last one costs the lines that changed, written in place; another shape costs the collector its
 * pages, which are laid anew. What the pages say is what `collectNode` says of the same reading, rendered by text.ts.
 */
export class NodePage {
  readonly #texts: Record<LinesReading, SeenText> = { info: new SeenText(), cluster_info: new SeenText() }
  readonly #collectors = new Map<Collector, CollectorPages>()
  /** What the exporter says of its reading. */
  readonly #self: SamplesPage
  readonly #lay: (samples: Samples) => Page
  /** With --append-instance-role-label, which is part of every series. */
  #role = ''

  constructor(
    readonly labels: Labels,
    private readonly namespace: string,
    private readonly options: CollectOptions,
  ) {
    this.#lay = (samples) => {
      if (options.roleLabel) appendRole(samples, this.#role)
      return new Page({ labels, samples }, namespace)
    }
    this.#self = new SamplesPage(this.#lay)
  }

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
    const { info, cluster_info } = reading.texts!
    const changes = {
      info: this.#texts.info.look(info),
      cluster_info: this.#texts.cluster_info.look(cluster_info),
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
      pages = new CollectorPages(collector, this.options, this.#lay)
      this.#collectors.set(collector, pages)
    }
    return pages
  }
}

/** A reply of `key:value` lines, and how much of it these pages have seen. */
class SeenText {
  #lines: InfoLines | undefined
  #updates = 0

  look(lines: InfoLines): Changes & { sameShape: boolean } {
    const changed = lines === this.#lines ? lines.changedSince(this.#updates) : undefined
    this.#lines = lines
    this.#updates = lines.updates
    return { sameShape: changed !== undefined, changed: changed ?? [], all: () => lines.all() }
  }
}
