import { PositionTrimmed, type Order } from './log.js'

/**
 * Positions of logs that number their events: decimal digits; the empty string and `0` are before the first. For
 * readers they are opaque.
 * @throws RangeError when this is none
 */
export function parsePosition(position: string): number {
  if (!/^\d{0,15}$/.test(position)) throw new RangeError(`'${position}' is not a position of this log`)
  return Number(position)
}

/**
 * @param after of ReadOptions; a reader from the beginning misses nothing
 * @param through position up to which the log is trimmed
 * @throws PositionTrimmed
 */
export function mustHaveAll(after: string | undefined, order: Order | undefined, through: number): void {
  if (order === 'newest' || after === undefined || after === '') return
  if (Number(after) < through) throw new PositionTrimmed(String(through))
}

/**
 * How many events a reader wants.
 * @throws RangeError when that is not a whole number above 0
 */
export function parseLimit(limit = 1000): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RangeError(`limit ${limit}: it must be a whole number above 0`)
  return limit
}

/** The part of a stream up to its slash, the slash included; empty where it has none. */
export const familyOf = (stream: string) => stream.slice(0, stream.indexOf('/') + 1)
