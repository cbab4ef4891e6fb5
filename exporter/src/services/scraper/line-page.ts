import type { CollectOptions } from '../../collectors/node.js'
import type { LineCollector } from '../../collectors/table.js'
import { Samples, type Family } from '../../exposition/families.js'
import { Page } from '../../exposition/page.js'
import type { NodeReading } from '../../redis/replies.js'

/** A field of a text of `key:value` lines, and the number of its line. */
export interface Line {
  readonly number: number
  readonly key: string
  readonly value: string
}

/** What a line collector makes of a text, on a page: for a line with another value, its slots are written and no other. */
export class LinePage {
  readonly page: Page
  /** First slot by line; one more at the end. */
  readonly #slots: Int32Array
  readonly #writer: SlotWriter

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
    this.#writer = new SlotWriter(this.page, options.keep)
  }

  /**
   * Writes what a line says now.
   * @returns false when it says something of other families than before: the page has to be laid anew
   */
  write({ number, key, value }: Line, reading: NodeReading): boolean {
    this.#writer.start(this.#slots[number]!, this.#slots[number + 1]!)
    this.collect(key, value, this.#writer, reading, this.options)
    return this.#writer.fits
  }
}

/** Takes samples as a collector adds them, and writes them into slots that follow each other. */
class SlotWriter extends Samples {
  #next = 0
  #end = 0
  #fits = true

  constructor(
    private readonly page: Page,
    keep: ((family: Family) => boolean) | undefined,
  ) {
    super(keep)
  }

  start(from: number, end: number): void {
    this.#next = from
    this.#end = end
    this.#fits = true
  }

  /** Whether as many samples came as there are slots, each of its slot's family. */
  get fits(): boolean {
    return this.#fits && this.#next === this.#end
  }

  override add(family: Family, value: number): void {
    if (!this.takes(family)) return
    if (this.#next < this.#end && this.page.familyOf(this.#next) === family) this.page.set(this.#next, value)
    else this.#fits = false
    this.#next++
  }
}
