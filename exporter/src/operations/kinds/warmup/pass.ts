import { header, itemsOf } from '../../../redis/frames.js'
import { replyError } from '../../../redis/errors.js'
import { bulkOf, errorOf } from '../../../redis/replies.js'
import { slotOf } from '../../../redis/slots.js'
import type { Counts } from './counts.js'
import { bulk } from '../../../redis/command-writer.js'
import { Item } from './item.js'
import type { Pages } from './pages.js'
import { readKeys } from './read.js'
import { SlotSet } from '../../slots/slot-set.js'
import type { PatientLink } from './source-node.js'
import { copyPage, pagesOf, type Dropped, type Work } from './work.js'

export interface PassOptions {
  readonly name: string
  readonly link: PatientLink
  /** Where SCAN goes on; '0' at the start. */
  readonly cursor: string
  /** Keys of other slots are passed over. */
  readonly only: SlotSet
  readonly counts: Counts
  /** Slots of them whose keys were counted before. */
  readonly again: SlotSet
}

/** So many pages of one node are under way at once. */
const PAGES = 4
const LARGEST_COUNT = 1000

/** One SCAN over one node, from its cursor to the end. */
export class Pass {
  /** Slots of which a key was found to be elsewhere by now. */
  readonly suspects = new SlotSet()
  readonly #pages: Pages<string>
  readonly #copying = new Set<Promise<void>>()

  constructor(
    private readonly work: Work,
    private readonly options: PassOptions,
  ) {
    this.#pages = pagesOf(work, options.cursor, options.counts, options.again)
  }

  /** Where a later process goes on: every key before it has its answer. */
  get cursor(): string {
    return this.#pages.mark
  }

  /** Ends it: what is known of the pages under way counts. */
  stop(error: Error): void {
    this.options.link.close()
    this.#pages.fail(error)
    this.#pages.countNow()
  }

  /**
   * Copies to the end.
   * @throws LimitReached, NodeChanged, NodeError; what was sent has its answer then, and is counted
   */
  async run(): Promise<void> {
    try {
      await this.#scanAll()
    } catch (error) {
      this.#pages.fail(error as Error)
      await this.#pages.giveUp()
      // They may still use the link.
      await Promise.allSettled(this.#copying)
      throw error
    }
  }

  async #scanAll(): Promise<void> {
    const { work, options } = this
    let cursor = options.cursor
    do {
      await this.#pages.below(PAGES)
      await work.turn()
      const { next, found } = await this.#scan(cursor)
      const page = this.#pages.open(next)
      const mine = found.filter(({ slot }) => options.only.has(slot))
      const selected = mine.filter(({ key, slot }) => {
        const wanted = work.selection.name(bulkOf(key)!)
        if (!wanted) page.drop('excluded', slot)
        return wanted
      })
      const copying = copyPage(work, page, selected, (slice, dropped) => this.#read(slice, dropped))
        .catch((error: unknown) => this.#pages.fail(error as Error))
        .finally(() => this.#copying.delete(copying))
      this.#copying.add(copying)
      cursor = next
    } while (cursor !== '0')
    await this.#pages.below(1)
  }

  async #scan(cursor: string): Promise<{ next: string; found: Item[] }> {
    const count = Math.max(10, Math.min(LARGEST_COUNT, this.work.pace.slice * 2))
    const [reply] = await this.options.link.ask(
      Buffer.from(`*4\r\n${bulk('SCAN', cursor, 'COUNT', count)}`),
      1,
    )
    const refused = errorOf(reply!)
    if (refused !== undefined) throw replyError(this.options.name, 'SCAN', refused)
    const [next, keys] = itemsOf(reply!)
    return { next: bulkOf(next!)!.toString(), found: itemsOf(keys!).map(itemOf) }
  }

  #read(slice: readonly Item[], dropped: Dropped): AsyncIterable<readonly Item[]> {
    const { transfer, selection, spec, now, pace, target } = this.work
    const { name, link } = this.options
    const room = async (bytes: number) => {
      await pace.paid()
      pace.sent(bytes)
      const leave = await target.reserve(bytes)
      // What was read by then is told as what it is.
      return () => {
        pace.sent(-bytes)
        leave()
      }
    }
    const reading = { name, transfer, selection, maxBytes: spec.select.maxBytes, now, room }
    return readKeys(
      slice,
      (request, count, bytes) => link.ask(request, count, bytes),
      reading,
      (item, why) => {
        if (why === 'elsewhere') this.suspects.add(item.slot)
        dropped.push({ item, why })
      },
    )
  }
}

/** @param key bulk string */
export function itemOf(key: Buffer): Item {
  return new Item(key, slotOf(key, header(key).end, key.length - 2))
}
