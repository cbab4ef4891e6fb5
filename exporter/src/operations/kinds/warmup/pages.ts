import { addCounts, noCounts, type Counts, type Outcome } from './counts.js'
import type { Item, Page } from './item.js'
import type { SlotSet } from '../../slots/slot-set.js'

/** What became of the keys of one target shard. */
export type ShardCounts = Record<'written' | 'existing' | 'bytes', number>

export interface PagesOptions {
  readonly counts: Counts
  readonly shards: Map<string, ShardCounts>
  /** Slots whose keys were counted before: of them only what is written now is new. */
  readonly again: SlotSet
  readonly settled: (item: Item, outcome: Outcome) => void
  /** So many keys that were sent are in the counts now. */
  readonly counted?: (sent: number) => void
  readonly failed: (error: string) => void
}

/**
 * The pages of one pass on their way, in order. A page is done when each of its keys has its answer, and counts, with
 * the mark behind it, only when all before it are done: so behind the mark no key is open, and a run that goes on
 * from there counts no key twice.
 */
export class Pages<Mark> {
  readonly #open: OpenPage<Mark>[] = []
  #waiting: (() => void)[] = []
  #failure: Error | undefined

  constructor(
    public mark: Mark,
    private readonly options: PagesOptions,
  ) {}

  get length(): number {
    return this.#open.length
  }

  /** @param next the mark behind this page */
  open(next: Mark): OpenPage<Mark> {
    const page = new OpenPage(next, this.options, this, () => this.#advance())
    this.#open.push(page)
    return page
  }

  /** Resolves when fewer pages than this are open. @throws what `fail` was given */
  async below(count: number): Promise<void> {
    while (this.#failure === undefined && this.#open.length >= count)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  /** No page will be completed any more, for this reason. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  get failed(): boolean {
    return this.#failure !== undefined
  }

  /** After `fail`: resolves when every key on its way has its answer; then all that is known counts. */
  async giveUp(): Promise<void> {
    while (this.#open.some((page) => page.underWay > 0))
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.countNow()
  }

  /** Counts what is known of the open pages: for a run that ends here. */
  countNow(): void {
    for (const page of this.#open.splice(0)) this.#count(page)
    this.#wake()
  }

  #advance(): void {
    while (this.#open[0]?.isDone) {
      const page = this.#open.shift()!
      this.#count(page)
      this.mark = page.next
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #count({ counts, shards, sent }: OpenPage<Mark>): void {
    this.options.counted?.(sent)
    addCounts(this.options.counts, counts)
    for (const [shard, more] of shards) {
      const sum = shardOf(this.options.shards, shard)
      sum.written += more.written
      sum.existing += more.existing
      sum.bytes += more.bytes
    }
  }
}

export class OpenPage<Mark> implements Page {
  readonly counts = noCounts()
  readonly shards = new Map<string, ShardCounts>()
  /** All that were expected. */
  sent = 0
  #items = 0
  #complete = false

  constructor(
    readonly next: Mark,
    private readonly options: PagesOptions,
    private readonly pages: Pages<Mark>,
    private readonly idle: () => void,
  ) {}

  /** Its pass has ended before it. */
  get isOver(): boolean {
    return this.pages.failed
  }

  get underWay(): number {
    return this.#items
  }

  get isDone(): boolean {
    return this.#complete && this.#items === 0
  }

  /** Items that will be settled. */
  expect(count: number): void {
    this.sent += count
    this.#items += count
  }

  /** Nothing more is expected. */
  complete(): void {
    this.#complete = true
    if (this.#items === 0) this.idle()
  }

  /** A key that is not written. */
  drop(outcome: Outcome, slot: number): void {
    if (this.options.again.has(slot) && outcome !== 'failed') return
    this.counts[outcome]++
    this.counts.read++
  }

  settle(item: Item, outcome: Outcome, shard: string, error?: string): void {
    if (outcome === 'written') {
      const of = shardOf(this.shards, shard)
      of.written++
      of.bytes += item.value.length
      this.counts.bytes += item.value.length
      this.counts.written++
      this.counts.read++
    } else {
      this.drop(outcome, item.slot)
      if (outcome === 'existing' && !this.options.again.has(item.slot)) shardOf(this.shards, shard).existing++
    }
    this.options.settled(item, outcome)
    if (error !== undefined) this.options.failed(error)
    this.#items--
    if (this.#items === 0) this.idle()
  }
}

function shardOf(shards: Map<string, ShardCounts>, shard: string): ShardCounts {
  let counts = shards.get(shard)
  if (!counts) shards.set(shard, (counts = { written: 0, existing: 0, bytes: 0 }))
  return counts
}
