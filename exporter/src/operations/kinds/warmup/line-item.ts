import { slotOf } from '../../../redis/slots.js'
import { Item } from './item.js'
import type { Line } from './lines.js'

/** What an element of a list, set, hash or zset takes besides its bytes, at most. */
const ELEMENT_BYTES = 96

/** A line as an item. @param now on the clock of the run: from now on its TTL counts */
export function itemOfLine({ key, type, parts, ttlMs }: Line, now: number): Item {
  const frame = bulkOf(key)
  const start = frame.indexOf(10) + 1
  const item = new Item(frame, slotOf(frame, start, frame.length - 2))
  item.how = type
  item.elements = parts.length
  item.value = parts.length === 1 ? bulkOf(parts[0]!) : Buffer.concat(parts.map(bulkOf))
  item.ttlMs = ttlMs ?? -1
  item.readAt = now
  item.bytes = item.value.length + key.length + ELEMENT_BYTES * parts.length
  return item
}

/** Text as a bulk string. */
function bulkOf(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = `$${length}\r\n`
  const frame = Buffer.allocUnsafe(head.length + length + 2)
  frame.write(head, 0, 'latin1')
  frame.write(text, head.length)
  frame[frame.length - 2] = 13
  frame[frame.length - 1] = 10
  return frame
}
