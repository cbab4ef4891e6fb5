import { setTimeout } from 'node:timers/promises'
import { slotOf } from '../../../redis/slots.js'
import { SlotSet } from '../../slots/slot-set.js'
import type { Criteria } from './criteria.js'
import type { LeftOut } from './left-out.js'
import { Forbidden, type NodeLink } from './node-link.js'
import type { Pace } from './pace.js'
import { encodePage, readPage, type PageReply } from './script.js'
import type { NodeState } from './state.js'

/** A cap is reached: no more may be unlinked. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached'
}

export interface SweepOptions {
  readonly criteria: Criteria
  readonly pace: Pace
  readonly leftOut: LeftOut
  readonly node: NodeState
  readonly link: NodeLink
  /** Where SCAN goes on; '0' at the start. */
  readonly cursor: string
}

/** About how many keys a page looks at, at most: a node is busy with 500 for some 2 ms. */
const LARGEST_COUNT = 500
/** A page is to find so much of what it may unlink: what does not fit any more is looked at again by the next. */
const AIM = 0.8
/** A node that rests as long as it was busy rests no longer than this. */
const LONGEST_REST_MS = 50
/** Of each page so many keys that are left out are offered to the sample: a tenth of a small one. */
const LEFT_OUT_A_PAGE = 10
const NOTHING = { keys: 0, bytes: 0 }

/** One SCAN over one node, from its cursor to the end, which unlinks what it finds. */
export class Sweep {
  /** Slots of which a key was found to be elsewhere by now. */
  readonly suspects = new SlotSet()
  #cursor: string
  /** How long the node took for the last page. */
  #busyMs = 0
  /** About how many keys the next page is to look at. */
  #count: number | undefined

  constructor(private readonly options: SweepOptions) {
    this.#cursor = options.cursor
  }

  /** Where a later process goes on: of the pages before it every key has its answer. */
  get cursor(): string {
    return this.#cursor
  }

  /** @throws LimitReached, Forbidden, NodeChanged, and what ends the run */
  async run(): Promise<void> {
    const { pace } = this.options
    for (let neededBytes = 1; ;) {
      const page = await this.#page(neededBytes)
      if (page) {
        if (!page.more && page.next === '0') return
        neededBytes = page.more && page.matched === 0 ? page.wants : 1
        if (!page.more) this.#cursor = page.next
      }
      if (pace.isGentle) await setTimeout(Math.min(LONGEST_REST_MS, this.#busyMs))
    }
  }

  /** @returns undefined when it is not known what was done: the page is to be asked for again */
  async #page(neededBytes: number): Promise<PageReply | undefined> {
    const { criteria, pace, link, node } = this.options
    const taken = await pace.admit(neededBytes)
    if (!taken) throw new LimitReached('the limit is reached')
    const aim = taken.keys * AIM
    const count = Math.max(1, Math.min(LARGEST_COUNT, Math.floor(this.#count ?? aim)))
    const request = encodePage(criteria, {
      cursor: this.#cursor,
      count,
      most: taken.keys,
      mostBytes: taken.bytes,
      countsOnly: false,
      examples: Math.min(LEFT_OUT_A_PAGE, Math.ceil(count / 10)),
    })
    let page: PageReply | undefined
    const started = performance.now()
    try {
      const frame = await link.once(request)
      page = frame && readPage(frame)
      this.#busyMs = performance.now() - started
    } finally {
      const used = page ? { keys: page.matched, bytes: page.bytes } : link.unanswered ? undefined : NOTHING
      pace.settle(taken, used)
    }
    if (page) {
      // As many as that find what may be unlinked, if keys that match go on to be as many.
      this.#count = page.more ? count / 2 : Math.min(2 * count, (aim * count) / page.matched)
      this.#tell(page, count, node)
    }
    return page
  }

  #tell(page: PageReply, count: number, node: NodeState): void {
    node.counts.evicted += page.matched
    node.counts.bytes += page.bytes
    for (const key of page.elsewhere) this.suspects.add(slotOf(key))
    if (page.failed > 0)
      throw new Forbidden(`${node.name} refuses to look at or to unlink keys: ${page.failure}`)
    if (page.more) return
    node.looked += count
    node.counts.kept += page.kept
    this.options.leftOut.offer(page.examples)
  }
}
