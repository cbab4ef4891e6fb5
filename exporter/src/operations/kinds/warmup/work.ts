import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Counts, Outcome } from './counts.js'
import type { Gates } from './gates.js'
import type { Item } from './item.js'
import type { Pace } from './pace.js'
import { Pages, type OpenPage, type ShardCounts } from './pages.js'
import type { Found, Value } from './read.js'
import type { Sample } from './sample.js'
import type { Selection } from './select.js'
import type { SlotSet } from './slot-set.js'
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
      work.pace.settled(outcome === 'written' ? item.value.length : undefined)
      if (outcome === 'written') work.sample.written(item)
    },
    failed: (error) => work.refused(error),
  })
}

/** The keys that a slice dropped, and why. */
export type Dropped = { readonly found: Found; readonly why: Outcome | 'elsewhere' }[]

/** `limits` of the spec: no more may be written. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached'
}

/**
 * Brings keys to the target slice by slice, as the pace permits, and completes their page.
 * @param read makes values of found keys; what it drops it says
 * @throws LimitReached
 */
export async function copyPage<Mark>(
  work: Work,
  page: OpenPage<Mark>,
  found: readonly Found[],
  read: (slice: readonly Found[], dropped: Dropped) => Promise<readonly Value[]>,
): Promise<void> {
  const { pace, target } = work
  for (let from = 0; from < found.length;) {
    await target.room()
    await work.turn()
    const count = await pace.admit(Math.min(pace.slice, found.length - from))
    if (count === 0) throw new LimitReached('the limit is reached')
    const dropped: Dropped = []
    const values = page.isOver ? [] : await read(found.slice(from, from + count), dropped)
    if (page.isOver) return pace.dropped(count)
    for (const one of dropped) if (one.why !== 'elsewhere') page.drop(one.why, one.found.slot)
    pace.dropped(dropped.length)
    page.expect(values.length)
    let bytes = 0
    const items = values.map((value): Item => {
      bytes += value.value.length
      return itemOf(work, value, page)
    })
    pace.sent(bytes)
    target.submit(items)
    from += count
  }
  page.complete()
}

/** Small values cost more than their bytes: the key, its entry, what the allocator rounds up to. */
const ESTIMATE = 1.25
const BIG_ARGUMENT_BYTES = 32 * 1024

function itemOf<Mark>(work: Work, found: Value, page: OpenPage<Mark>): Item {
  const { key, slot, how, value, elements, ttlMs, at, bytes, heat } = found
  const ttl = copiedTtl(ttlMs, work.spec.ttl, Math.random)
  return {
    key,
    slot,
    how,
    value,
    elements,
    expiresAt: ttl < 0 ? Infinity : at + ttl,
    cost: bytes * ESTIMATE + key.length + (value.length > BIG_ARGUMENT_BYTES ? value.length : 0),
    ...(heat !== undefined && { heat }),
    page,
  }
}
