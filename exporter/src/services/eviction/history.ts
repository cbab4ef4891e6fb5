import { keysIn, numberIn, type Readout } from './readout.js'
import type { Pressure } from '../../contract/eviction.js'

/** Figures of one primary at one moment. */
interface Moment {
  readonly at: number
  readonly runId: string
  readonly usedBytes: number
  readonly evicted: number
  readonly expired: number
  readonly hits: number
  readonly misses: number
  readonly writes: number
  readonly rejected: number
}

/** An hour at one moment every half minute. */
const MOST_MOMENTS = 120
/** Between two that are kept; seconds. */
const SPACING_SECONDS = 25
/** A rate over less says little; seconds. */
const LEAST_SPAN_SECONDS = 10

/** Commands whose calls are writes; the usual ones, for a share rather than a sum. */
const WRITES =
  /^cmdstat_(set|setex|psetex|setnx|getset|getdel|mset|append|incr|decr|incrby|decrby|incrbyfloat|del|unlink|expire|pexpire|hset|hmset|hsetnx|hincrby|hdel|lpush|rpush|lpop|rpop|lset|ltrim|lrem|sadd|srem|spop|zadd|zincrby|zrem|xadd|restore|setrange|setbit|pfadd)$/

/** What the nodes of one cluster said before, for what only differences tell. */
export class History {
  readonly #moments = new Map<string, Moment[]>()

  /** @param now seconds since the epoch */
  add(readouts: readonly Readout[], now: number): void {
    const known = new Set(readouts.map(({ node }) => node.id))
    for (const id of this.#moments.keys()) if (!known.has(id)) this.#moments.delete(id)
    for (const readout of readouts) {
      if (!readout.info) continue
      const moments = this.#moments.get(readout.node.id) ?? []
      const moment = momentOf(readout, now)
      if (moments.at(-1)?.runId !== moment.runId) moments.length = 0 // it restarted: its counters are others
      if (now - (moments.at(-1)?.at ?? 0) < SPACING_SECONDS) continue
      moments.push(moment)
      if (moments.length > MOST_MOMENTS) moments.shift()
      this.#moments.set(readout.node.id, moments)
    }
  }

  /** Sums and rates over the primaries that answered just now. */
  pressure(readouts: readonly Readout[], now: number): Pressure {
    const primaries = readouts.filter(({ node, info }) => node.role === 'primary' && info)
    if (primaries.length === 0) return {}
    const sum = (of: (readout: Readout) => number) => primaries.reduce((total, one) => total + of(one), 0)
    const info = (name: string) => sum((one) => numberIn(one, name) ?? 0)
    const limits = primaries.map(({ values }) => values.maxmemory ?? 0)
    const worst = primaries.reduce((a, b) => (fragmentation(b) > fragmentation(a) ? b : a))
    const [ratio, fragmented] = [
      numberIn(worst, 'mem_fragmentation_ratio'),
      numberIn(worst, 'mem_fragmentation_bytes'),
    ]
    return {
      usedBytes: info('used_memory'),
      maxBytes: limits.includes(0) ? 0 : limits.reduce((total, limit) => total + limit, 0),
      notCountedBytes: info('mem_not_counted_for_evict'),
      keys: sum((one) => keysIn(one).keys),
      expires: sum((one) => keysIn(one).expires),
      ...(ratio !== undefined && { fragmentationRatio: ratio }),
      ...(fragmented !== undefined && { fragmentationBytes: fragmented }),
      ...this.#rates(primaries, now),
    }
  }

  #rates(primaries: readonly Readout[], now: number): Pressure {
    const spans = primaries.flatMap((readout) => {
      const before = this.#moments.get(readout.node.id)?.[0]
      const after = momentOf(readout, now)
      const seconds = before ? after.at - before.at : 0
      if (before?.runId !== after.runId || seconds < LEAST_SPAN_SECONDS) return []
      return [{ before, after, seconds, limit: readout.values.maxmemory ?? 0 }]
    })
    if (spans.length === 0) return {}
    const rate = (of: (moment: Moment) => number) =>
      spans.reduce((total, { before, after, seconds }) => total + (of(after) - of(before)) / seconds, 0)
    const [hits, misses] = [rate(({ hits }) => hits), rate(({ misses }) => misses)]
    const untilFull = spans.flatMap(({ before, after, seconds, limit }) => {
      const growth = (after.usedBytes - before.usedBytes) / seconds
      return limit > 0 && growth > 0 ? [Math.max(0, limit - after.usedBytes) / growth] : []
    })
    return {
      spanSeconds: Math.round(Math.min(...spans.map(({ seconds }) => seconds))),
      evictedPerSecond: rate(({ evicted }) => evicted),
      expiredPerSecond: rate(({ expired }) => expired),
      readsPerSecond: hits + misses,
      ...(hits + misses > 0 && { hitRatio: hits / (hits + misses) }),
      writesPerSecond: rate(({ writes }) => writes),
      rejectedPerSecond: rate(({ rejected }) => rejected),
      growthBytesPerSecond: rate(({ usedBytes }) => usedBytes),
      ...(untilFull.length > 0 && { secondsToFull: Math.min(...untilFull) }),
    }
  }
}

function momentOf(readout: Readout, at: number): Moment {
  const info = (name: string) => numberIn(readout, name) ?? 0
  const count = (name: string) =>
    Number(/(?:calls|count)=(\d+)/.exec(readout.info?.get(name) ?? '')?.[1] ?? 0)
  let writes = 0
  for (const [name] of readout.info ?? []) if (WRITES.test(name)) writes += count(name)
  return {
    at,
    runId: readout.info?.get('run_id') ?? '',
    usedBytes: info('used_memory'),
    evicted: info('evicted_keys'),
    expired: info('expired_keys'),
    hits: info('keyspace_hits'),
    misses: info('keyspace_misses'),
    writes,
    rejected: count('errorstat_OOM'),
  }
}

function fragmentation(readout: Readout): number {
  return numberIn(readout, 'mem_fragmentation_bytes') ?? 0
}
