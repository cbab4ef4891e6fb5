import { header, integer, itemsOf } from '../../../redis/frames.js'
import { replyError } from '../../../redis/errors.js'
import { errorOf } from '../../../redis/replies.js'
import type { Outcome } from './counts.js'
import { bulk, CommandWriter } from '../../../redis/command-writer.js'
import type { How, Item } from './item.js'
import type { Selection } from './select.js'
import type { Transfer } from './transfer.js'
import { NO_KEY, NO_TTL, sameLife } from './ttl.js'

export interface ReadOptions {
  /** The node, for errors. */
  readonly name: string
  readonly transfer: Transfer
  readonly selection: Selection
  readonly maxBytes: number
  readonly now: () => number
  /** Resolves when values of about so many bytes may be held; returns what gives that up. */
  readonly room: (bytes: number) => Promise<() => void>
}

/** Sends a pipeline to the source and waits for its replies. `bytes`: about how many the values have. */
export type Ask = (request: Buffer, count: number, bytes?: number) => Promise<Buffer[]>

/** How often a key is read again whose TTL was changed while it was read. */
const READINGS = 3
/** Values that one pipeline reads together, bytes; a larger one is read alone. */
const TOGETHER_BYTES = 4 * 1024 ** 2

const TYPE = Buffer.from(`*2\r\n${bulk('TYPE')}`)
const PTTL = Buffer.from(`*2\r\n${bulk('PTTL')}`)
const MEMORY = Buffer.from(`*3\r\n${bulk('MEMORY', 'USAGE')}`)
const HEAT = {
  IDLETIME: Buffer.from(`*3\r\n${bulk('OBJECT', 'IDLETIME')}`),
  FREQ: Buffer.from(`*3\r\n${bulk('OBJECT', 'FREQ')}`),
}
/** How a value is read: what stands before the key and what behind it. */
const VALUE: Readonly<Record<How, readonly [before: Buffer, behind: string]>> = {
  string: [Buffer.from(`*2\r\n${bulk('GET')}`), ''],
  dump: [Buffer.from(`*2\r\n${bulk('DUMP')}`), ''],
  list: [Buffer.from(`*4\r\n${bulk('LRANGE')}`), bulk(0, -1)],
  set: [Buffer.from(`*2\r\n${bulk('SMEMBERS')}`), ''],
  hash: [Buffer.from(`*2\r\n${bulk('HGETALL')}`), ''],
  zset: [Buffer.from(`*5\r\n${bulk('ZRANGE')}`), bulk(0, -1, 'WITHSCORES')],
}

/** One key is not copied, for this reason. `elsewhere`: its slot is on its way to another node. */
export type Drop = (
  item: Item,
  why: Exclude<Outcome, 'written' | 'existing' | 'failed'> | 'elsewhere',
) => void

/**
 * Reads values and TTLs: what the keys are in one pipeline, what they hold in the next, with the TTL before and after.
 * @yields the items that have a value now, in groups; every other was given to `drop`
 * @throws NodeError the node refuses a command that this needs
 */
export async function* readKeys(
  found: readonly Item[],
  ask: Ask,
  options: ReadOptions,
  drop: Drop,
): AsyncGenerator<readonly Item[], void, undefined> {
  let todo = found
  for (let reading = 1; todo.length > 0; reading++) {
    const again: Item[] = []
    const known = await describe(todo, ask, options, drop)
    for (const group of groups(known)) {
      const retry = reading < READINGS ? again : undefined
      const leave = await options.room(bytesOf(group))
      try {
        const values = await readValues(group, ask, options, drop, retry)
        yield await withoutFieldTtls(values, ask, options, drop, retry)
      } finally {
        leave()
      }
    }
    todo = again
  }
}

async function describe(
  found: readonly Item[],
  ask: Ask,
  { name, transfer, selection, maxBytes, now }: ReadOptions,
  drop: Drop,
): Promise<Item[]> {
  const heat = transfer.heat && HEAT[transfer.heat]
  const perKey = heat === undefined ? 3 : 4
  const out = new CommandWriter(found.length * 160 + 256)
  for (const { key } of found) {
    out.bytes(TYPE)
    out.bytes(key)
    out.bytes(PTTL)
    out.bytes(key)
    out.bytes(MEMORY)
    out.bytes(key)
    if (heat === undefined) continue
    out.bytes(heat)
    out.bytes(key)
  }
  const askedAt = now()
  const replies = await ask(out.take(), found.length * perKey)
  const known: Item[] = []
  for (let i = 0; i < found.length; i++) {
    const item = found[i]!
    const at = i * perKey
    const error = firstError(replies, at, perKey)
    if (error !== undefined) {
      if (isElsewhere(error)) drop(item, 'elsewhere')
      else if (/^ERR no such key/i.test(error)) drop(item, 'expired')
      else throw replyError(name, 'TYPE, PTTL, MEMORY USAGE or OBJECT', error)
      continue
    }
    const type = typeOf(replies[at]!)
    item.ttlMs = number(replies[at + 1]!)
    item.bytes = number(replies[at + 2]!)
    item.readAt = askedAt
    if (heat !== undefined) item.heat = number(replies[at + 3]!)
    const how = howOf(type, transfer)
    if (type === 'none' || item.ttlMs === NO_KEY || item.bytes < 0) drop(item, 'expired')
    else if (!selection.type(type) || !selection.ttl(item.ttlMs)) drop(item, 'excluded')
    else if (how === undefined) drop(item, 'unsupported')
    else if (item.bytes > maxBytes) drop(item, 'tooBig')
    else {
      item.how = how
      known.push(item)
    }
  }
  return known
}

async function readValues(
  items: readonly Item[],
  ask: Ask,
  { name, now }: ReadOptions,
  drop: Drop,
  again: Item[] | undefined,
): Promise<Item[]> {
  const read: Item[] = []
  const out = new CommandWriter(items.length * 112 + 256)
  for (const { key, how } of items) {
    const [before, behind] = VALUE[how]
    out.bytes(before)
    out.bytes(key)
    if (behind !== '') out.text(behind)
    out.bytes(PTTL)
    out.bytes(key)
  }
  const askedAt = now()
  const replies = await ask(out.take(), items.length * 2, bytesOf(items))
  const at = now()
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!
    const reply = replies[i * 2]!
    const error = firstError(replies, i * 2, 2)
    if (error !== undefined) {
      if (isElsewhere(error)) drop(item, 'elsewhere')
      else if (!error.startsWith('WRONGTYPE')) throw replyError(name, `reading a ${item.how}`, error)
      else if (again) again.push(item)
      else drop(item, 'expired')
      continue
    }
    const ttlMs = number(replies[i * 2 + 1]!)
    if (ttlMs === NO_KEY || isNil(reply)) drop(item, 'expired')
    else if (again && !sameLife(item.ttlMs, ttlMs, at - item.readAt)) again.push(item)
    else {
      item.ttlMs = ttlMs
      item.readAt = askedAt
      takeValue(item, reply)
      read.push(item)
    }
  }
  return read
}

function takeValue(item: Item, reply: Buffer): void {
  if (item.how === 'string' || item.how === 'dump') {
    item.value = reply
    return
  }
  const { count, end } = header(reply)
  item.elements = count
  if (item.how !== 'zset') {
    item.value = reply.subarray(end)
    return
  }
  // ZRANGE tells member and score, ZADD takes score and member.
  const parts = itemsOf(reply)
  item.value = Buffer.concat(parts.map((_, i) => parts[i ^ 1]!))
}

/**
 * Leaves out hashes of which a field has a TTL: written by type they would lose it. Where a field has gone since it was
 * read, it may have had one: such a hash is read again.
 * @throws NodeError the node does not tell
 */
async function withoutFieldTtls(
  items: readonly Item[],
  ask: Ask,
  { name, transfer }: ReadOptions,
  drop: Drop,
  again: Item[] | undefined,
): Promise<readonly Item[]> {
  const hashes =
    transfer.fieldTtls && transfer.mode === 'typed' ? items.filter(({ how }) => how === 'hash') : []
  if (hashes.length === 0) return items
  const out = new CommandWriter()
  for (const { key, value, elements } of hashes) {
    const parts = itemsOf(Buffer.concat([Buffer.from(`*${elements}\r\n`), value]))
    const fields = parts.filter((_, i) => i % 2 === 0)
    out.text(`*${4 + fields.length}\r\n${bulk('HPTTL')}`)
    out.bytes(key)
    out.text(bulk('FIELDS', fields.length))
    for (const field of fields) out.bytes(field)
  }
  const replies = await ask(out.take(), hashes.length)
  const left = new Set<Item>()
  hashes.forEach((hash, i) => {
    const error = firstError(replies, i, 1)
    if (error !== undefined && !isElsewhere(error) && !error.startsWith('WRONGTYPE'))
      throw replyError(name, 'HPTTL', error)
    const ttls = itemsOf(replies[i]!).map(number)
    if (error === undefined && ttls.length === hash.elements / 2 && ttls.every((ttl) => ttl === NO_TTL))
      return
    left.add(hash)
    if (error !== undefined && isElsewhere(error)) drop(hash, 'elsewhere')
    else if (again && !ttls.some((ttl) => ttl >= 0)) again.push(hash)
    else drop(hash, 'unsupported')
  })
  return items.filter((item) => !left.has(item))
}

function* groups(known: readonly Item[]): Generator<readonly Item[]> {
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

function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0)
}

function howOf(type: string, { mode, dumpsStrings }: Transfer): How | undefined {
  if (mode === 'restore') return type === 'string' && !dumpsStrings ? 'string' : 'dump'
  return type === 'string' || type === 'list' || type === 'set' || type === 'hash' || type === 'zset'
    ? type
    : undefined
}

const [MINUS, COLON] = [45, 58]

const STRING = Buffer.from('+string\r\n')

function typeOf(reply: Buffer): string {
  return reply.equals(STRING) ? 'string' : reply.toString('latin1', 1, reply.length - 2)
}

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
