import type { CollectOptions } from '../../collectors/node.js'
import type { LineCollector } from '../../collectors/table.js'
import { Samples, type Family } from '../../exposition/families.js'
import { Page } from '../../exposition/page.js'
import type { Line, NodeReading } from '../../redis/replies.js'

/** What a line collector makes of a text, on a page: for a line with another value, its slots are written and no other. */
export class LinePage {
  readonly page: Page
  /** First slot by line; one more at the end. */
  readonly #slots: Int32Array

  /** @param lay makes a page of samples */
  constructor(
    private readonly collect: LineCollector,
    private readonly options: CollectOptions,
    lines: readonly Line[],
    reading: NodeReading,
    lay: (samples: Samples) => Page,
  ) {
    const samples = new Samples(options.keep)
    this.#slots = new Int32Array((lines.at(-1)?.number ?? -1) + 2)
    for (const { number, key, value } of lines) {
      collect(key, value, samples, reading, options)
      this.#slots[number + 1] = samples.count
    }
    // Lines without a field of their own have no slots.
    for (let i = 1; i < this.#slots.length; i++)
      this.#slots[i] = Math.max(this.#slots[i]!, this.#slots[i - 1]!)
    this.page = lay(samples)
  }

  /**
   * Writes what a line says now.
   * @returns false when it says something of other families than before: the page has to be laid anew
   */
  write({ number, key, value }: Line, reading: NodeReading): boolean {
    writer.start(this.page, this.options.keep, this.#slots[number]!, this.#slots[number + 1]!)
    this.collect(key, value, writer, reading, this.options)
    return writer.fits
  }
}

/** Takes samples as a collector adds them, and writes them into slots that follow each other. */
class SlotWriter extends Samples {
  #page: Page | undefined
  #keep: CollectOptions['keep']
  #next = 0
  #end = 0
  #fits = true

  start(page: Page, keep: CollectOptions['keep'], from: number, end: number): void {
    this.#page = page
    this.#keep = keep
    this.#next = from
    this.#end = end
    this.#fits = true
  }

  /** Whether as many samples came as there are slots, each of its slot's family. */
  get fits(): boolean {
    return this.#fits && this.#next === this.#end
  }

  override add(family: Family, value: number): void {
    if (this.#keep && !this.#keep(family)) return
    if (this.#next < this.#end && this.#page!.familyOf(this.#next) === family)
      this.#page!.set(this.#next, value)
    else this.#fits = false
    this.#next++
  }
}

/** One is enough: a line is written at once. */
const writer = new SlotWriter()
