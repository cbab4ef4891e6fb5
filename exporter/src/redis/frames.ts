/**
 * Boundaries of RESP2 replies in a stream of bytes; what a reply says is left to whoever asked.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

const CR = 13
const LF = 10
const PLUS = 43
const MINUS = 45
const COLON = 58
const DOLLAR = 36
const STAR = 42
const ZERO = 48
const NINE = 57

/** The bytes are no RESP2 reply: a TLS port, an HTTP server, or a broken peer. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/**
 * Cuts a stream into whole replies. Bytes of an unfinished reply are kept in one buffer that grows, and what was seen
 * of it is not looked at again, so that a reply of n bytes costs O(n) however it is split.
 */
export class FrameReader {
  /** The unfinished reply: `#length` bytes at the start of `#store`. */
  #store: Buffer | undefined
  #length = 0
  /** It is worth no look before it has so many bytes. */
  #needed = 1
  readonly #seen = { at: 0, open: 1 }

  /** @param mostBytes of one reply; a longer one cannot be read */
  constructor(private readonly mostBytes = Infinity) {}

  /** Whether a reply has begun and not ended. */
  get isMidway(): boolean {
    return this.#length > 0
  }

  /** Lets go of a reply that will never be whole. */
  clear(): void {
    this.#store = undefined
    this.#length = 0
    this.#needed = 1
    this.#restart()
  }

  /**
   * Takes the next bytes.
   * @returns the replies that are whole now, each as its raw bytes, type byte and line ends included
   * @throws ProtocolError the stream cannot be read on
   */
  push(chunk: Buffer): Buffer[] {
    const buffer = this.#store ? this.#append(this.#store, chunk) : chunk
    if (buffer.length < this.#needed) return []
    const frames: Buffer[] = []
    let start = 0
    let end = frameEnd(buffer, start, this.#seen)
    while (end > 0) {
      frames.push(common(buffer, start, end) ?? buffer.subarray(start, end))
      start = end
      this.#restart()
      end = start < buffer.length ? frameEnd(buffer, start, this.#seen) : -1
    }
    const needed = Math.max(buffer.length - start + 1, -end - start)
    if (needed > this.mostBytes)
      throw new ProtocolError(`sends a reply of more than ${this.mostBytes >> 20} MB`)
    this.#keep(buffer, start, needed)
    return frames
  }

  #append(store: Buffer, chunk: Buffer): Buffer {
    const length = this.#length + chunk.length
    if (length > store.length) {
      // No more than a reply needs that says it, since it is held for as long as the reply is; else twice as much each
      // time: with less, an endless reply would be copied once for every chunk of it.
      const most = (this.#needed > length ? this.#needed : this.mostBytes) + READ_BYTES
      const larger = Buffer.allocUnsafe(Math.max(length, Math.min(2 * store.length, most)))
      larger.set(store.subarray(0, this.#length))
      this.#store = store = larger
    }
    store.set(chunk, this.#length)
    this.#length = length
    return store.subarray(0, length)
  }

  /** Keeps what is behind `start`; what was given out before it is never written again. */
  #keep(buffer: Buffer, start: number, needed: number): void {
    this.#needed = needed
    if (start === 0 && this.#store) return
    const rest = buffer.length - start
    this.#length = rest
    this.#store = undefined
    if (rest === 0) return
    // What a length claims may be wrong: beyond this the store grows with what comes.
    this.#store = Buffer.allocUnsafe(Math.max(Math.min(needed, MOST_AHEAD_BYTES), rest))
    this.#store.set(buffer.subarray(start))
  }

  #restart(): void {
    this.#seen.at = 0
    this.#seen.open = 1
  }
}

/** What a socket gives at once, at most. */
const READ_BYTES = 65_536
const MOST_AHEAD_BYTES = 1024 ** 2
/** No server writes longer ones; each chunk of one costs a look at all of it. */
const MOST_LINE_BYTES = 1024 ** 2

/** Replies that come by the thousand in bulk transfers, by their length: one Buffer stands for all that are equal. */
const COMMON: readonly (readonly Buffer[])[] = Array.from({ length: 10 }, (_, length) =>
  ['+OK', '$-1', ':-1', ':-2', ':0', ':1', '+string', '+hash', '+zset', '+list', '+set']
    .map((text) => Buffer.from(`${text}\r\n`))
    .filter((frame) => frame.length === length),
)

function common(buffer: Buffer, start: number, end: number): Buffer | undefined {
  const length = end - start
  if (length >= COMMON.length) return undefined
  for (const frame of COMMON[length]!) {
    let at = 0
    while (at < length && frame[at] === buffer[start + at]) at++
    if (at === length) return frame
  }
  return undefined
}

/**
 * The offset behind the reply that starts at `start`; or, when the buffer ends before it, minus the length that
 * the buffer must have at least before it is worth another look.
 * @param seen where to look on, from `start`, and how many replies are open there; kept up to date
 */
function frameEnd(buffer: Buffer, start: number, seen = { at: 0, open: 1 }): number {
  let at = start + seen.at
  for (let open = seen.open; open > 0; open--) {
    seen.at = at - start
    seen.open = open
    if (at >= buffer.length) return -(at + 1)
    const type = buffer[at]
    const lineEnd = buffer.indexOf(CR, at + 1)
    if (type !== PLUS && type !== MINUS && type !== COLON && type !== DOLLAR && type !== STAR) {
      throw new ProtocolError(
        `unexpected byte 0x${type!.toString(16).padStart(2, '0')} where a reply should start`,
      )
    }
    if (lineEnd < 0 || lineEnd + 1 >= buffer.length) {
      if (buffer.length - at > MOST_LINE_BYTES) throw new ProtocolError('a line without an end')
      return -(buffer.length + 1)
    }
    if (buffer[lineEnd + 1] !== LF) throw new ProtocolError('a carriage return without a line feed')
    if (type === DOLLAR) {
      const length = integer(buffer, at + 1, lineEnd)
      at = length < 0 ? lineEnd + 2 : lineEnd + 2 + length + 2
      if (at > buffer.length) return -at
    } else {
      if (type === STAR) open += Math.max(0, integer(buffer, at + 1, lineEnd))
      at = lineEnd + 2
    }
  }
  return at
}

/** Of an integer that `integer` reads, with its sign. */
export const MOST_DIGITS = 15

/**
 * The integer written in [from, to).
 * @throws ProtocolError it is none, or longer than MOST_DIGITS
 */
export function integer(buffer: Buffer, from: number, to: number): number {
  const negative = buffer[from] === MINUS
  let value = 0
  if (negative) from++
  if (from >= to || to - from > MOST_DIGITS) throw new ProtocolError('an integer that is none')
  for (let at = from; at < to; at++) {
    const digit = buffer[at]!
    if (digit < ZERO || digit > NINE) throw new ProtocolError('an integer that is none')
    value = value * 10 + (digit - ZERO)
  }
  return negative ? -value : value
}

/** Encodes commands as one pipeline: RESP arrays of bulk strings, back to back. */
export function encodePipeline(commands: readonly (readonly string[])[]): Buffer {
  const parts: string[] = []
  for (const command of commands) {
    parts.push(`*${command.length}\r\n`)
    for (const word of command) parts.push(`$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  }
  return Buffer.from(parts.join(''))
}

/** The length that the first line of a bulk string or an array states, and where that line ends. */
export function header(frame: Buffer): { count: number; end: number } {
  const lineEnd = frame.indexOf(CR)
  return { count: integer(frame, 1, lineEnd), end: lineEnd + 2 }
}

/** The replies that an array holds, each as its frame; none for anything else. Arrays in arrays stay whole. */
export function itemsOf(frame: Buffer): Buffer[] {
  if (frame[0] !== STAR) return []
  const items: Buffer[] = []
  for (let at = header(frame).end; at < frame.length;) {
    const end = frameEnd(frame, at)
    if (end < 0) throw new ProtocolError('an array that ends in the middle of an item')
    items.push(frame.subarray(at, end))
    at = end
  }
  return items
}
