import { describe, expect, it } from 'vitest'
import { encodePipeline, FrameReader, itemsOf } from '../../../redis/frames.js'
import { bulkOf } from '../../../redis/replies.js'
import type { Item } from './item.js'
import { itemOf } from './pass.js'
import { readKeys, type Ask } from './read.js'
import { FROM_FILE } from './transfer.js'

const keyOf = (name: string) => itemOf(encodePipeline([[name]]).subarray(4))
const hash = '*2\r\n$1\r\nf\r\n$1\r\nv\r\n'
const all = { name: () => true, type: () => true, ttl: () => true }
const FACTS = { TYPE: '+hash', PTTL: ':-1', MEMORY: ':100', HGETALL: hash.slice(0, -2) }

/** A node that answers each command with what is said here, the last answer again and again. */
function node(answers: Readonly<Record<string, string | readonly string[]>>, passed = () => undefined): Ask {
  const left = new Map(Object.entries(answers).map(([name, of]) => [name, [of].flat()]))
  return (request) => {
    passed()
    const replies = new FrameReader().push(request).map((command) => {
      const of = left.get(bulkOf(itemsOf(command)[0]!)!.toString())!
      return Buffer.from(`${of.length > 1 ? of.shift()! : of[0]!}\r\n`)
    })
    return Promise.resolve(replies)
  }
}

async function read(ask: Ask, now = () => 0) {
  const dropped: string[] = []
  const transfer = { ...FROM_FILE, fieldTtls: true }
  const room = () => Promise.resolve(() => undefined)
  const options = { name: 'node', transfer, selection: all, maxBytes: 1000, now, room }
  const items: Item[] = []
  for await (const some of readKeys([keyOf('k')], ask, options, (_, why) => dropped.push(why)))
    items.push(...some)
  return { dropped, items }
}

describe('a hash that is read by type', () => {
  it('is read when no field has a TTL, and left out when one has', async () => {
    expect((await read(node({ ...FACTS, HPTTL: '*1\r\n:-1' }))).items).toHaveLength(1)
    expect(await read(node({ ...FACTS, HPTTL: '*1\r\n:500' }))).toEqual({
      dropped: ['unsupported'],
      items: [],
    })
  })

  it('is not read by a user that may not ask for the TTLs of fields', async () => {
    const ask = node({ ...FACTS, HPTTL: '-NOPERM no permissions to run hpttl' })
    await expect(read(ask)).rejects.toThrow(/node: HPTTL: NOPERM/)
  })

  it('is elsewhere when its slot is', async () => {
    const { dropped } = await read(node({ ...FACTS, HPTTL: '-MOVED 1 127.0.0.1:1' }))
    expect(dropped).toEqual(['elsewhere'])
  })

  it('is read again when a field has gone meanwhile', async () => {
    const { dropped, items } = await read(node({ ...FACTS, HPTTL: ['*1\r\n:-2', '*1\r\n:-1'] }))
    expect([dropped, items.length]).toEqual([[], 1])
    expect((await read(node({ ...FACTS, HPTTL: '*1\r\n:-2' }))).dropped).toEqual(['unsupported'])
  })
})

it('takes the TTL to be of the moment it was asked for', async () => {
  let now = 0
  const late = node({ ...FACTS, PTTL: [':1000', ':950'], HPTTL: '*1\r\n:-1' }, () => void (now += 50))
  expect((await read(late, () => now)).items[0]).toMatchObject({ ttlMs: 950, readAt: 50 })
})

it('holds no more values at once than there is room for', async () => {
  const ask = node({ TYPE: '+string', PTTL: ':-1', MEMORY: ':3000000', GET: '$1\r\nv' })
  let [held, most] = [0, 0]
  const room = (bytes: number) => {
    most = Math.max(most, (held += bytes))
    return Promise.resolve(() => void (held -= bytes))
  }
  const options = {
    name: 'node',
    transfer: FROM_FILE,
    selection: all,
    maxBytes: 4_000_000,
    now: () => 0,
    room,
  }
  const keys = Array.from({ length: 50 }, (_, i) => keyOf(`k${i}`))
  const groups: number[] = []
  for await (const group of readKeys(keys, ask, options, () => undefined)) groups.push(group.length)
  expect(groups).toEqual(keys.map(() => 1))
  expect([held, most]).toEqual([0, 3_000_000])
})
