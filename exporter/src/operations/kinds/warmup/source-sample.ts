import { replyError } from '../../../redis/errors.js'
import { header, itemsOf } from '../../../redis/frames.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf } from '../../../redis/replies.js'
import { bulk, CommandWriter } from '../../../redis/command-writer.js'
import type { SampledKey } from './estimate.js'
import { itemOf } from './pass.js'
import type { Item } from './item.js'
import type { Selection } from './select.js'
import type { Transfer } from './transfer.js'
import { NO_KEY } from './ttl.js'

const TIMEOUT_MS = 10_000
/** So many keys of a node stand for all of it. */
const KEYS_A_NODE = 2000
const TOGETHER = 500
const UNSEEN = { type: '', ttlMs: -1, bytes: 0, fate: 'excluded' } as const

interface SampleOptions {
  readonly selection: Selection
  readonly transfer: Transfer
  readonly maxBytes: number
  /** Awaited before each batch. */
  readonly turn: () => Promise<void>
  /** How many were looked at, all told. */
  readonly progress: (looked: number) => void
}

/** How many keys are looked at of so many. */
export const sampleSize = (keys: number) => Math.min(keys, KEYS_A_NODE)

/** Looks at some keys of a node, or at all where there are few. @throws NodeError */
export async function sampleNode(link: RawLink, keys: number, how: SampleOptions): Promise<SampledKey[]> {
  const found = keys <= KEYS_A_NODE ? await allKeys(link) : await randomKeys(link, KEYS_A_NODE)
  // What its name leaves out is not looked at: the source's user may have no right to it.
  const [named, others] = [new Array<Item>(), new Array<Item>()]
  for (const one of found) (how.selection.name(bulkOf(one.key)!) ? named : others).push(one)
  const sample = others.map(({ key, slot }): SampledKey => ({ ...UNSEEN, key: bulkOf(key)!, slot }))
  for (let from = 0; from < named.length; from += TOGETHER) {
    await how.turn()
    const part = named.slice(from, from + TOGETHER)
    const replies = await ask(link, part, ['TYPE', 'PTTL', 'MEMORY USAGE'])
    part.forEach((one, i) => {
      const type = text(replies[i * 3]!)
      const ttlMs = Number(text(replies[i * 3 + 1]!))
      const bytes = Number(text(replies[i * 3 + 2]!))
      if (type === 'none' || ttlMs === NO_KEY || !(bytes >= 0)) return
      const key = bulkOf(one.key)!
      sample.push({ key, slot: one.slot, type, ttlMs, bytes, fate: fateOf(type, ttlMs, bytes, how) })
    })
    how.progress(others.length + from + part.length)
  }
  return sample
}

function fateOf(
  type: string,
  ttlMs: number,
  bytes: number,
  { selection, transfer, maxBytes }: SampleOptions,
): SampledKey['fate'] {
  if (!selection.type(type) || !selection.ttl(ttlMs)) return 'excluded'
  if (transfer.mode === 'typed' && !['string', 'list', 'set', 'hash', 'zset'].includes(type))
    return 'unsupported'
  return bytes > maxBytes ? 'tooBig' : 'copied'
}

async function allKeys(link: RawLink): Promise<Item[]> {
  const found = new Map<string, Item>()
  let cursor = '0'
  do {
    const [reply] = await link.exchange(
      Buffer.from(`*4\r\n${bulk('SCAN', cursor, 'COUNT', 1000)}`),
      1,
      TIMEOUT_MS,
    )
    refuse(link, 'SCAN', reply!)
    const [next, keys] = itemsOf(reply!)
    cursor = bulkOf(next!)!.toString()
    for (const key of itemsOf(keys!)) found.set(key.toString('latin1'), itemOf(key))
  } while (cursor !== '0')
  return [...found.values()]
}

/** Keys at random, each once; fewer where the same come again. */
export async function randomKeys(link: RawLink, count: number): Promise<Item[]> {
  const found = new Map<string, Item>()
  const one = `*1\r\n${bulk('RANDOMKEY')}`
  for (let asked = 0; asked < count; asked += TOGETHER) {
    const replies = await link.exchange(Buffer.from(one.repeat(TOGETHER)), TOGETHER, TIMEOUT_MS)
    for (const reply of replies) {
      refuse(link, 'RANDOMKEY', reply)
      if (bulkOf(reply)) found.set(reply.toString('latin1'), itemOf(reply))
    }
  }
  return [...found.values()].slice(0, count)
}

async function ask(link: RawLink, found: readonly Item[], commands: readonly string[]): Promise<Buffer[]> {
  const out = new CommandWriter()
  for (const { key } of found)
    for (const command of commands) {
      const words = command.split(' ')
      out.text(`*${words.length + 1}\r\n${bulk(...words)}`)
      out.bytes(key)
    }
  const replies = await link.exchange(out.take(), found.length * commands.length, TIMEOUT_MS)
  // Keys whose slot is on its way elsewhere are passed over: this is a sample.
  for (const reply of replies)
    if (!/^(MOVED|ASK) /.test(errorOf(reply) ?? '')) refuse(link, commands.join(', '), reply)
  return replies
}

function refuse(link: RawLink, command: string, reply: Buffer): void {
  const refused = errorOf(reply)
  if (refused !== undefined) throw replyError(link.address, command, refused)
}

/** A short reply without its type and line ends; of a bulk string its content. */
function text(reply: Buffer): string {
  if (reply[0] !== 36) return reply.toString('latin1', 1, reply.length - 2)
  return reply.toString('latin1', header(reply).end, reply.length - 2)
}
