import { errorOf, decode, listOf, ReplyError, type Reply } from './replies.js'
import { replyError } from './errors.js'
import type { RawLink } from './raw-link.js'
import { isPattern, type DbKey } from './key-query.js'

/** For one round trip of a scan, which has no scrape waiting for it. */
const EXCHANGE_MS = 5000
/** Commands in one round trip. */
const PIPELINE = 500
/** Keys that patterns may match before the rest is left out. */
const MOST_KEYS = 100_000

/** A node whose keys are looked at, over a connection of its own. */
export interface KeyNode {
  readonly link: RawLink
  /** Whether a database is chosen before it is asked: in cluster mode there is one, except on Valkey 9. */
  readonly selects: boolean
  /** Major * 100 + minor, as NodeFacts. */
  readonly version: number
}

/** Words of a command; bytes as one character each. */
export type Words = readonly string[]

/**
 * Sends commands to a database of the node, some hundred a round trip.
 * @returns the replies in the order of the commands, errors among them
 */
export async function ask(
  { link, selects }: KeyNode,
  db: number,
  commands: readonly Words[],
): Promise<Buffer[]> {
  const frames: Buffer[] = []
  for (let from = 0; from < commands.length; from += PIPELINE) {
    const part = commands.slice(from, from + PIPELINE)
    const select = selects ? [['SELECT', String(db)]] : []
    const replies = await link.exchange(
      encode([...select, ...part]),
      select.length + part.length,
      EXCHANGE_MS,
    )
    const refused = select.length > 0 ? errorOf(replies[0]!) : undefined
    if (refused !== undefined) throw replyError(link.address, `SELECT ${db}`, refused)
    frames.push(...replies.slice(select.length))
  }
  return frames
}

/** As `ask`, with one command; an error reply is thrown. */
export async function askOne(node: KeyNode, db: number, command: Words): Promise<Reply> {
  const reply = decode((await ask(node, db, [command]))[0]!)
  if (reply instanceof ReplyError) throw replyError(node.link.address, command[0]!, reply.message)
  return reply
}

/**
 * Goes through the keys of a database that match a pattern. SCAN may give a key twice.
 * @param visit gets each batch, bytes as one character each
 */
export async function scan(
  node: KeyNode,
  { db, key }: DbKey,
  { batchSize, type }: { readonly batchSize: number; readonly type?: string },
  visit: (keys: readonly string[]) => boolean,
): Promise<void> {
  const ofType = type !== undefined && node.version >= 600 ? ['TYPE', type] : []
  let cursor = '0'
  do {
    const command = ['SCAN', cursor, 'MATCH', key, 'COUNT', String(batchSize), ...ofType]
    const [frame] = await ask(node, db, [command])
    const refused = errorOf(frame!)
    if (refused !== undefined) throw replyError(node.link.address, 'SCAN', refused)
    const reply = bytesOf(frame!)
    cursor = reply.cursor
    if (!visit(reply.keys)) return
  } while (cursor !== '0')
}

/**
 * The keys that are meant: those that are named, and those that patterns match.
 * @returns the keys of each database, each once
 */
export async function expand(
  node: KeyNode,
  patterns: readonly DbKey[],
  named: readonly DbKey[],
  options: { readonly batchSize: number; readonly type?: string },
): Promise<Map<number, Set<string>>> {
  const keys = new Map<number, Set<string>>()
  const of = (db: number): Set<string> => {
    const set = keys.get(db) ?? new Set<string>()
    keys.set(db, set)
    return set
  }
  for (const { db, key } of named) of(db).add(key)
  for (const pattern of patterns) {
    const set = of(pattern.db)
    if (!isPattern(pattern.key)) set.add(pattern.key)
    else {
      await scan(node, pattern, options, (batch) => {
        for (const key of batch) set.add(key)
        return set.size < MOST_KEYS
      })
    }
  }
  return keys
}

function encode(commands: readonly Words[]): Buffer {
  const text = commands
    .map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
    .join('')
  return Buffer.from(text, 'latin1')
}

/** SCAN's reply `[cursor, [key, …]]`, with the keys as bytes. */
function bytesOf(frame: Buffer): { cursor: string; keys: string[] } {
  const [cursor, keys] = listOf(decode(frame, 'latin1'))
  return {
    cursor: typeof cursor === 'string' ? cursor : '0',
    keys: listOf(keys).filter((key) => typeof key === 'string'),
  }
}
