import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Counts, Outcome } from './counts.js'
import type { Doubt } from './doubt.js'
import type { Gates } from '../../pacing/gates.js'
import type { Item } from './item.js'
import type { Pace } from './pace.js'
import { Pages, type OpenPage, type ShardCounts } from './pages.js'
import type { Sample } from './sample.js'
import type { Selection } from './select.js'
import type { SlotSet } from '../../slots/slot-set.js'
import type { Target } from './target.js'
import type { Transfer } from './transfer.js'
import { copiedTtl } from './ttl.js'

/** What all parts of one run share. */
export interface Work {
  readonly spec: WarmupSpec
  readonly transfer: Transfer
  readonly selection: Selection
  readonly target: Target
  readonly pace: Pace
  readonly gates: Gates
  readonly sample: Sample
  /** Undefined where keys are replaced without a limit: what is written twice counts once then. */
  readonly doubt: Doubt | undefined
  /** A clock that only goes forward; ms. */
  readonly now: () => number
  readonly shards: Map<string, ShardCounts>
  /** Resolves when the run may go on. Rejects when it shall end. */
  turn(): Promise<void>
  fail(error: unknown): void
  /** The first thing that the target refused, for the summary. */
  refused(error: string): void
}

/** @param again slots whose keys were counted before */
export function pagesOf<Mark>(work: Work, mark: Mark, counts: Counts, again: SlotSet): Pages<Mark> {
  return new Pages(mark, {
    counts,
    shards: work.shards,
    again,
    settled: (item, outcome) => {
      const maybeWritten = outcome === 'existing' && item.unanswered
      work.pace.settled(outcome === 'written' || maybeWritten ? item.value.length : undefined)
      if (outcome === 'written') work.sample.written(item)
      if (outcome !== 'existing') return
      if (maybeWritten) work.doubt?.foundAgain()
      if (again.has(item.slot)) work.doubt?.passOver()
    },
    counted: (sent) => work.doubt?.settle(sent),
    failed: (error) => work.refused(error),
  })
}

/** The keys that a slice dropped, and why. */
export type Dropped = { readonly item: Item; readonly why: Outcome | 'elsewhere' }[]

/** `limits` of the spec: no more may be written. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached'
}

/**
 * Brings keys to the target slice by slice, as the pace permits, and completes their page.
 * @param read makes values of found keys, group by group; what it drops it says
 * @throws LimitReached
 */
export async function copyPage<Mark>(
  work: Work,
  page: OpenPage<Mark>,
  found: readonly Item[],
  read: (
    slice: readonly Item[],
    dropped: Dropped,
  ) => AsyncIterable<readonly Item[]> | Iterable<readonly Item[]>,
): Promise<void> {
  const { pace, target } = work
  for (let from = 0; from < found.length;) {
    await target.room()
    const count = await pace.admit(Math.min(pace.slice, found.length - from))
    if (count === 0) throw new LimitReached('the limit is reached')
    await work.doubt?.admit(count)
    const dropped: Dropped = []
    let sent = 0
    try {
      for await (const items of page.isOver ? [] : read(found.slice(from, from + count), dropped)) {
        if (page.isOver) break
        page.expect(items.length)
        let bytes = 0
        for (const item of items) {
          bytes += item.value.length
          address(work, item, page)
        }
        pace.sent(bytes)
        target.submit(items)
        sent += items.length
      }
    } finally {
      pace.dropped(count - sent)
      work.doubt?.settle(count - sent)
    }
    if (page.isOver) return
    for (const { item, why } of dropped) if (why !== 'elsewhere') page.drop(why, item.slot)
    from += count
  }
  page.complete()
}

/** Small values cost more than their bytes: the key, its entry, what the allocator rounds up to. */
const ESTIMATE = 1.25
const BIG_ARGUMENT_BYTES = 32 * 1024

function address<Mark>(work: Work, item: Item, page: OpenPage<Mark>): void {
  const ttl = copiedTtl(item.ttlMs, work.spec.ttl, Math.random)
  item.expiresAt = ttl < 0 ? Infinity : item.readAt + ttl
  const { bytes, key, value } = item
  item.cost = bytes * ESTIMATE + key.length + (value.length > BIG_ARGUMENT_BYTES ? value.length : 0)
  item.page = page
}
