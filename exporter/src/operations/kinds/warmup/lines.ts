import { isUtf8 } from 'node:buffer'
import type { How } from './item.js'

/** What a line of a file says. */
export interface Line {
  readonly key: string
  readonly type: Exclude<How, 'dump'>
  /** As the command takes them: the one value of a string, elements, fields and values, scores and members. */
  readonly parts: readonly string[]
  readonly ttlMs: number | undefined
}

/** What is wrong with a line. It quotes nothing of it. */
export class LineError extends Error {
  override readonly name = 'LineError'
}

const FIELDS = new Set(['key', 'type', 'value', 'ttl'])
const MOST_TTL_SECONDS = 1e11

/** @throws LineError */
export function parseLine(bytes: Buffer): Line {
  if (!isUtf8(bytes)) throw new LineError('not UTF-8')
  let line: unknown
  try {
    line = JSON.parse(bytes.toString())
  } catch {
    throw new LineError('not JSON')
  }
  if (!isObject(line)) throw new LineError('not an object')
  for (const name of Object.keys(line))
    if (!FIELDS.has(name)) throw new LineError('a field that is none of key, type, value and ttl')
  const { key, type, value, ttl } = line
  const [name, parts] = partsOf(type, value)
  return { key: textOf(key, 'key'), type: name, parts, ttlMs: ttlOf(ttl) }
}

function partsOf(type: unknown, value: unknown): [type: Line['type'], parts: string[]] {
  switch (type) {
    case 'string':
      return [type, [textOf(value, 'value of a string')]]
    case 'list':
    case 'set':
      if (!Array.isArray(value)) throw new LineError(`the value of a ${type} must be an array of strings`)
      return [type, elementsOf(value, type)]
    case 'hash':
      if (!isObject(value)) throw new LineError('the value of a hash must be an object of strings')
      return [
        type,
        some(Object.entries(value), type).flatMap(([field, text]) => [
          textOf(field, 'field of a hash'),
          textOf(text, 'value of a hash field'),
        ]),
      ]
    case 'zset':
      if (!Array.isArray(value))
        throw new LineError('the value of a zset must be an array of [member, score]')
      return [type, scoresOf(some(value as unknown[], type))]
    case undefined:
      throw new LineError('type is missing')
    default:
      throw new LineError('type is none of string, list, set, hash and zset')
  }
}

function elementsOf(value: readonly unknown[], type: 'list' | 'set'): string[] {
  const elements = some(value, type).map((element) => textOf(element, `element of a ${type}`))
  return type === 'list' ? elements : [...new Set(elements)]
}

/** Scores and members in turn; of a member that comes twice the last score, as ZADD has it. */
function scoresOf(pairs: readonly unknown[]): string[] {
  const scores = new Map<string, string>()
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new LineError('the value of a zset must be an array of [member, score]')
    const [member, score] = pair as [unknown, unknown]
    if (score !== 'inf' && score !== '-inf' && typeof score !== 'number')
      throw new LineError('a score of a zset must be a number, "inf" or "-inf"')
    scores.set(textOf(member, 'member of a zset'), String(score))
  }
  return [...scores].flatMap(([member, score]) => [score, member])
}

function some<T>(list: readonly T[], type: string): readonly T[] {
  if (list.length === 0) throw new LineError(`an empty ${type} is no key`)
  return list
}

/** JSON can hold halves of characters, which no bytes stand for. */
function textOf(value: unknown, what: string): string {
  if (value === undefined) throw new LineError(`${what} is missing`)
  if (typeof value !== 'string') throw new LineError(`${what} must be a string`)
  if (/\p{Cs}/u.test(value)) throw new LineError(`${what} has half a character (a lone surrogate)`)
  return value
}

function ttlOf(ttl: unknown): number | undefined {
  if (ttl === undefined) return undefined
  if (typeof ttl !== 'number' || !(ttl > 0) || ttl > MOST_TTL_SECONDS)
    throw new LineError('ttl must be a number of seconds above 0; leave it out for none')
  return Math.max(1, Math.round(ttl * 1000))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const LF = 10
const CR = 13

/** A line and where it stands. */
export interface RawLine {
  /** Without its end; undefined where it is too long to be read. */
  readonly bytes: Buffer | undefined
  /** From 1. */
  readonly number: number
  /** Offset in the file behind it. */
  readonly end: number
}

/** Cuts a stream of bytes into lines. Lines that are empty are passed over; one that is too long is not kept. */
export class LineReader {
  #rest: Buffer[] = []
  #restLength = 0
  #offset = 0
  #number = 0

  constructor(private readonly longest = 64 * 1024 ** 2) {}

  push(chunk: Buffer): RawLine[] {
    const lines: RawLine[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#line(lines, chunk.subarray(start, end), end + 1 - start)
      start = end + 1
    }
    const rest = chunk.subarray(start)
    this.#restLength += rest.length
    if (rest.length > 0 && this.#restLength <= this.longest) this.#rest.push(rest)
    else if (this.#restLength > this.longest) this.#rest = []
    return lines
  }

  /** The last line, which may have no end. */
  end(): RawLine[] {
    const lines: RawLine[] = []
    if (this.#restLength > 0) this.#line(lines, Buffer.alloc(0), 0)
    return lines
  }

  #line(lines: RawLine[], last: Buffer, length: number): void {
    const whole = this.#restLength + last.length
    this.#offset += this.#restLength + length
    this.#number++
    let bytes: Buffer | undefined
    if (whole <= this.longest) bytes = this.#rest.length === 0 ? last : Buffer.concat([...this.#rest, last])
    this.#rest = []
    this.#restLength = 0
    if (bytes?.at(-1) === CR) bytes = bytes.subarray(0, -1)
    if (bytes?.length !== 0) lines.push({ bytes, number: this.#number, end: this.#offset })
  }
}
