/** What there is to say of keys, streams and groups: pure data, passed on as JSON in place of a reply. */
import { ask, askOne, expand, scan, type KeyNode, type Words } from './key-scan.js'
import { isPattern, type DbKey, type KeyOptions, type KeyQuery } from './key-query.js'
import {
  decode,
  listOf,
  pairsOf,
  ReplyError,
  textOf,
  type CountFact,
  type Fields,
  type KeyFact,
  type Reply,
  type StreamFact,
} from './replies.js'

/** Type -> the command that tells its size. */
const SIZE_COMMANDS: Readonly<Record<string, string>> = {
  string: 'STRLEN',
  list: 'LLEN',
  set: 'SCARD',
  zset: 'ZCARD',
  hash: 'HLEN',
  stream: 'XLEN',
  array: 'ARCOUNT',
}

/** A label is no place for more of a value. Bytes. */
const LONGEST_VALUE = 1024
/** A HyperLogLog is a string that begins so. */
const HYPERLOGLOG = 'HYLL'

/** Values and sizes of the keys that are named or match. */
export async function keyFacts(node: KeyNode, query: KeyQuery, options: KeyOptions): Promise<KeyFact[]> {
  const keys = await expand(node, query.keys, query.singleKeys, options)
  const facts = await Promise.all([...keys].map(([db, set]) => factsOf(node, db, [...set], options)))
  return facts.flat()
}

async function factsOf(
  node: KeyNode,
  db: number,
  keys: readonly string[],
  { values }: KeyOptions,
): Promise<KeyFact[]> {
  const first = await ask(
    node,
    db,
    keys.flatMap((key) => [
      ['TYPE', key],
      ['MEMORY', 'USAGE', key],
    ]),
  )
  const found = keys.flatMap((key, i) => {
    const type = decode(first[2 * i]!)
    const size = typeof type === 'string' ? SIZE_COMMANDS[type] : undefined
    const memory = decode(first[2 * i + 1]!)
    return typeof type === 'string' ? [{ key, type, size, memory }] : []
  })
  const commands = found.flatMap(({ key, type, size }): Words[] => [
    size === undefined ? ['PING'] : [size, key],
    type === 'string' ? ['GETRANGE', key, '0', String(LONGEST_VALUE - 1)] : ['PING'],
  ])
  const second = await ask(node, db, commands)
  const heads = found.map(({ type }, i) => {
    const head = type === 'string' ? decode(second[2 * i + 1]!, 'latin1') : ''
    return typeof head === 'string' ? head : ''
  })
  const logs = found.filter((_, i) => heads[i]!.startsWith(HYPERLOGLOG))
  const counts = await ask(
    node,
    db,
    logs.map(({ key }) => ['PFCOUNT', key]),
  )
  return found.map(({ key, type, size, memory }, i) => {
    const log = logs.indexOf(found[i]!)
    const told = log < 0 ? size && decode(second[2 * i]!) : decode(counts[log]!)
    // A queue that is empty is a key that is not there: it has no elements.
    const reply = type === 'none' ? 0 : told
    const value = values && log < 0 && heads[i] !== '' ? textOf(Buffer.from(heads[i]!, 'latin1')) : undefined
    return {
      db,
      key: labelOf(key),
      ...(typeof reply === 'number' && { size: reply }),
      ...(typeof memory === 'number' && { memoryBytes: memory }),
      ...(value !== undefined && { value }),
    }
  })
}

/** How many keys match. All of them are counted without a look at any. */
export async function countFacts(
  node: KeyNode,
  patterns: readonly DbKey[],
  options: KeyOptions,
): Promise<CountFact[]> {
  const facts: CountFact[] = []
  for (const { db, key } of patterns) {
    let count = 0
    if (key === '*') {
      count = Number(await askOne(node, db, ['DBSIZE']))
    } else if (!isPattern(key)) {
      count = Number(await askOne(node, db, ['EXISTS', key]))
    } else {
      await scan(node, { db, key }, options, (keys) => {
        count += keys.length
        return true
      })
    }
    facts.push({ db, pattern: labelOf(key), count })
  }
  return facts
}

/** Streams with their groups, and the consumers of those unless they are left out. */
export async function streamFacts(
  node: KeyNode,
  query: KeyQuery,
  options: KeyOptions,
): Promise<StreamFact[]> {
  const keys = await expand(node, query.streams, query.singleStreams, { ...options, type: 'stream' })
  const facts: StreamFact[] = []
  for (const [db, set] of keys) {
    const streams = [...set]
    const replies = await ask(
      node,
      db,
      streams.flatMap((stream) => [
        ['XINFO', 'STREAM', stream],
        ['XINFO', 'GROUPS', stream],
      ]),
    )
    for (const [i, stream] of streams.entries()) {
      const info = decode(replies[2 * i]!)
      if (info instanceof ReplyError) continue
      const groups = await groupsOf(node, db, stream, replies[2 * i + 1]!, options)
      facts.push({ db, stream: labelOf(stream), info: fieldsOf(info), groups })
    }
  }
  return facts
}

async function groupsOf(
  node: KeyNode,
  db: number,
  stream: string,
  frame: Buffer,
  { streamConsumers }: KeyOptions,
): Promise<StreamFact['groups']> {
  const infos = listOf(decode(frame)).map(fieldsOf)
  const names = listOf(decode(frame, 'latin1')).map((group) => pairsOf(group).get('name'))
  const commands = names.map((name): Words => [
    'XINFO',
    'CONSUMERS',
    stream,
    typeof name === 'string' ? name : '',
  ])
  const replies = streamConsumers ? await ask(node, db, commands) : []
  return infos.map((info, i) => ({
    info,
    consumers: replies[i] ? listOf(decode(replies[i])).map(fieldsOf) : [],
  }))
}

/** XINFO's names and values; of an entry its id. */
function fieldsOf(reply: Reply): Fields {
  const fields: Record<string, string | number> = {}
  for (const [name, value] of pairsOf(reply)) {
    const [id] = listOf(value)
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value
    else if (typeof id === 'string') fields[name] = id
  }
  return fields
}

function labelOf(key: string): string {
  return textOf(Buffer.from(key, 'latin1'))
}
