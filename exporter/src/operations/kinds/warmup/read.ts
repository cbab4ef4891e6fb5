import { header, integer, itemsOf } from '../../../redis/frames.js'
import { replyError } from '../../../redis/errors.js'
import { errorOf } from '../../../redis/replies.js'
import type { Outcome } from './counts.js'
import { bulk, CommandWriter } from './encode.js'
import type { How } from './item.js'
import type { Selection } from './select.js'
import type { Transfer } from './transfer.js'
import { NO_KEY, sameLife } from './ttl.js'

/** A key that was found, as its bulk string, and its slot. */
export interface Found {
  readonly key: Buffer
  readonly slot: number
}

/** What was read of a key. */
export interface Value extends Found {
  readonly how: How
  readonly value: Buffer
  readonly elements: number
  /** Ms at the moment of `at`; negative: it never expires. */
  readonly ttlMs: number
  /** On the clock of the run, ms. */
  readonly at: number
  /** What it takes in the memory of the source; bytes. */
  readonly bytes: number
  readonly heat?: number
}

export interface ReadOptions {
  /** The node, for errors. */
  readonly name: string
  readonly transfer: Transfer
  readonly selection: Selection
  readonly maxBytes: number
  readonly now: () => number
}

/** Sends a pipeline to the source and waits for its replies. */
export type Ask = (request: Buffer, count: number) => Promise<Buffer[]>

/** How often a key is read again whose TTL was changed while it was read. */
const READINGS = 3
/** Values that one pipeline reads together, bytes: so much may wait in memory for each. */
const TOGETHER_BYTES = 4 * 1024 ** 2

const TYPE = `*2\r\n${bulk('TYPE')}`
const PTTL = `*2\r\n${bulk('PTTL')}`
const MEMORY = `*3\r\n${bulk('MEMORY', 'USAGE')}`
const HEAT = {
  IDLETIME: `*3\r\n${bulk('OBJECT', 'IDLETIME')}`,
  FREQ: `*3\r\n${bulk('OBJECT', 'FREQ')}`,
}
/** How a value is read: what stands before the key and what behind it. */
const VALUE: Readonly<Record<How, readonly [string, string]>> = {
  string: [`*2\r\n${bulk('GET')}`, ''],
  dump: [`*2\r\n${bulk('DUMP')}`, ''],
  list: [`*4\r\n${bulk('LRANGE')}`, bulk(0, -1)],
  set: [`*2\r\n${bulk('SMEMBERS')}`, ''],
  hash: [`*2\r\n${bulk('HGETALL')}`, ''],
  zset: [`*5\r\n${bulk('ZRANGE')}`, bulk(0, -1, 'WITHSCORES')],
}

interface Known extends Found {
  readonly how: How
  readonly ttlMs: number
  readonly askedAt: number
  readonly bytes: number
  readonly heat?: number
}

/** One key is not copied, for this reason. `elsewhere`: its slot is on its way to another node. */
export type Drop = (
  found: Found,
  why: Exclude<Outcome, 'written' | 'existing' | 'failed'> | 'elsewhere',
) => void

/**
 * Reads keys with their values and TTLs: what they are in one pipeline, what they hold in the next, with the TTL
 * before and after. A key is given either to the result or to `drop`.
 * @throws NodeError the node refuses a command that this needs
 */
export async function readKeys(
  found: readonly Found[],
  ask: Ask,
  options: ReadOptions,
  drop: Drop,
): Promise<Value[]> {
  const values: Value[] = []
  let todo = found
  for (let reading = 1; todo.length > 0; reading++) {
    const again: Found[] = []
    const known = await describe(todo, ask, options, drop)
    for (const group of groups(known)) {
      for (const value of await readValues(
        group,
        ask,
        options,
        drop,
        reading === READINGS ? undefined : again,
      ))
        values.push(value)
    }
    todo = again
  }
  return values
}

async function describe(
  found: readonly Found[],
  ask: Ask,
  options: ReadOptions,
  drop: Drop,
): Promise<Known[]> {
  const { transfer, selection, maxBytes, now } = options
  const heat = transfer.heat && HEAT[transfer.heat]
  const perKey = heat === undefined ? 3 : 4
  const out = new CommandWriter(found.length * 128 + 256)
  for (const { key } of found) {
    out.text(TYPE)
    out.bytes(key)
    out.text(PTTL)
    out.bytes(key)
    out.text(MEMORY)
    out.bytes(key)
    if (heat === undefined) continue
    out.text(heat)
    out.bytes(key)
  }
  const askedAt = now()
  const replies = await ask(out.take(), found.length * perKey)
  const known: Known[] = []
  for (let i = 0; i < found.length; i++) {
    const one = found[i]!
    const at = i * perKey
    const error = firstError(replies, at, perKey)
    if (error !== undefined) {
      if (isElsewhere(error)) drop(one, 'elsewhere')
      else if (/^ERR no such key/i.test(error)) drop(one, 'expired')
      else throw replyError(options.name, 'TYPE, PTTL, MEMORY USAGE or OBJECT', error)
      continue
    }
    const type = replies[at]!.toString('latin1', 1, replies[at]!.length - 2)
    const ttlMs = number(replies[at + 1]!)
    if (type === 'none' || ttlMs === NO_KEY || replies[at + 2]![1] === MINUS) drop(one, 'expired')
    else if (!selection.type(type) || !selection.ttl(ttlMs)) drop(one, 'excluded')
    else {
      const how = howOf(type, transfer)
      const bytes = number(replies[at + 2]!)
      if (how === undefined) drop(one, 'unsupported')
      else if (bytes > maxBytes) drop(one, 'tooBig')
      else
        known.push({
          key: one.key,
          slot: one.slot,
          how,
          ttlMs,
          askedAt,
          bytes,
          ...(heat !== undefined && replies[at + 3]![0] === COLON && { heat: number(replies[at + 3]!) }),
        })
    }
  }
  return known
}

async function readValues(
  keys: readonly Known[],
  ask: Ask,
  options: ReadOptions,
  drop: Drop,
  again: Found[] | undefined,
): Promise<Value[]> {
  const { transfer, now } = options
  const out = new CommandWriter(keys.length * 96 + 256)
  for (const { key, how } of keys) {
    const [before, behind] = VALUE[how]
    out.text(before)
    out.bytes(key)
    if (behind !== '') out.text(behind)
    out.text(PTTL)
    out.bytes(key)
  }
  const replies = await ask(out.take(), keys.length * 2)
  const at = now()
  const values: Value[] = []
  for (let i = 0; i < keys.length; i++) {
    const known = keys[i]!
    const [reply, ttlReply] = [replies[i * 2]!, replies[i * 2 + 1]!]
    const error = firstError(replies, i * 2, 2)
    if (error !== undefined) {
      if (isElsewhere(error)) drop(known, 'elsewhere')
      // It has become a key of another type meanwhile.
      else if (error.startsWith('WRONGTYPE')) again ? again.push(known) : drop(known, 'expired')
      else throw replyError(options.name, VALUE[known.how][0].split('\r\n')[2] ?? '', error)
      continue
    }
    const ttlMs = number(ttlReply)
    if (ttlMs === NO_KEY || isNil(reply)) {
      drop(known, 'expired')
    } else if (again && !sameLife(known.ttlMs, ttlMs, at - known.askedAt)) {
      again.push(known)
    } else {
      values.push(valueOf(known, reply, ttlMs, at))
    }
  }
  return transfer.fieldTtls ? withoutFieldTtls(values, ask, drop) : values
}

function valueOf({ key, slot, how, bytes, heat }: Known, reply: Buffer, ttlMs: number, at: number): Value {
  const shared = { key, slot, how, ttlMs, at, bytes, ...(heat !== undefined && { heat }) }
  if (how === 'string' || how === 'dump') return { ...shared, value: reply, elements: 1 }
  const { count, end } = header(reply)
  if (how !== 'zset') return { ...shared, value: reply.subarray(end), elements: count }
  // ZRANGE tells member and score, ZADD takes score and member.
  const items = itemsOf(reply)
  const swapped = items.map((_, i) => items[i ^ 1]!)
  return { ...shared, value: Buffer.concat(swapped), elements: count }
}

/** Leaves out hashes of which a field has a TTL: written by type they would lose it. */
async function withoutFieldTtls(values: readonly Value[], ask: Ask, drop: Drop): Promise<Value[]> {
  const hashes = values.filter(({ how }) => how === 'hash')
  if (hashes.length === 0) return [...values]
  const out = new CommandWriter()
  for (const { key, value, elements } of hashes) {
    const fields = itemsOf(Buffer.concat([Buffer.from(`*${elements}\r\n`), value])).filter(
      (_, i) => i % 2 === 0,
    )
    out.text(`*${4 + fields.length}\r\n${bulk('HPTTL')}`)
    out.bytes(key)
    out.text(bulk('FIELDS', fields.length))
    for (const field of fields) out.bytes(field)
  }
  const replies = await ask(out.take(), hashes.length)
  const bound = new Set<Value>()
  hashes.forEach((hash, i) => {
    if (itemsOf(replies[i]!).some((reply) => number(reply) >= 0)) bound.add(hash)
  })
  for (const hash of bound) drop(hash, 'unsupported')
  return values.filter((value) => !bound.has(value))
}

function* groups(known: readonly Known[]): Generator<readonly Known[]> {
  let from = 0
  let bytes = 0
  for (let i = 0; i < known.length; i++) {
    const next = known[i]!.bytes
    if (i > from && bytes + next > TOGETHER_BYTES) {
      yield known.slice(from, i)
      from = i
      bytes = 0
    }
    bytes += next
  }
  if (from < known.length) yield from === 0 ? known : known.slice(from)
}

function howOf(type: string, { mode, heat }: Transfer): How | undefined {
  if (mode === 'restore') return type === 'string' && heat === undefined ? 'string' : 'dump'
  return type === 'string' || type === 'list' || type === 'set' || type === 'hash' || type === 'zset'
    ? type
    : undefined
}

const [MINUS, COLON] = [45, 58]

function firstError(replies: readonly Buffer[], at: number, count: number): string | undefined {
  for (let i = at; i < at + count; i++) if (replies[i]![0] === MINUS) return errorOf(replies[i]!)
  return undefined
}

function isElsewhere(error: string): boolean {
  return error.startsWith('MOVED ') || error.startsWith('ASK ') || error.startsWith('TRYAGAIN')
}

function isNil(reply: Buffer): boolean {
  return reply[1] === MINUS || (reply[0] === 42 && reply[1] === 48)
}

function number(reply: Buffer): number {
  return reply[0] === COLON ? integer(reply, 1, reply.length - 2) : -1
}
