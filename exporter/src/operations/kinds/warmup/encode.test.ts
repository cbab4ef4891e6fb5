import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { header, itemsOf } from '../../../redis/frames.js'
import { encodeItem, type WriteOptions } from './encode.js'
import { CommandWriter } from '../../../redis/command-writer.js'
import { Item, type How } from './item.js'
import { itemOfLine } from './line-item.js'

const bulk = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')])

/** The words of a command that `encodeItem` has made. */
function words(item: Item, ttlMs: number, options: Partial<WriteOptions> = {}): string[] {
  const out = new CommandWriter(8)
  encodeItem(out, item, ttlMs, { replace: false, heat: undefined, ...options })
  const command = out.take()
  const items = itemsOf(command)
  expect(header(command).count).toBe(items.length)
  return items.map((frame) => frame.toString('latin1', header(frame).end, frame.length - 2))
}

function itemWith(how: How, value: Buffer, elements = 1, heat = -1): Item {
  const item = new Item(bulk(Buffer.from('k')), 0)
  Object.assign(item, { how, value, elements, heat })
  return item
}

describe('encodeItem', () => {
  const text = itemWith('string', bulk(Buffer.from('v')))
  const dump = itemWith('dump', bulk(Buffer.from('d')), 1, 7)

  it.each([
    ['a string', text, 0, {}, ['SET', 'k', 'v', 'NX']],
    ['a string with a TTL', text, 9, {}, ['SET', 'k', 'v', 'NX', 'PX', '9']],
    ['a string that replaces', text, 9, { replace: true }, ['SET', 'k', 'v', 'PX', '9']],
    ['a dump', dump, 0, {}, ['RESTORE', 'k', '0', 'd']],
    ['a dump that replaces', dump, 9, { replace: true }, ['RESTORE', 'k', '9', 'd', 'REPLACE']],
    [
      'a dump with its idleness',
      dump,
      9,
      { heat: 'IDLETIME' as const },
      ['RESTORE', 'k', '9', 'd', 'IDLETIME', '7'],
    ],
  ])('%s', (_, item, ttlMs, options, expected) => {
    expect(words(item, ttlMs, options)).toEqual(expected)
  })

  it.each([
    ['list', 'RPUSH', ['b', 'a']],
    ['hash', 'HSET', ['f', 'v']],
    ['zset', 'ZADD', ['0.1', 'm']],
  ] as const)('a %s of a file', (type, command, parts) => {
    const item = itemOfLine({ key: 'k', type, parts, ttlMs: 5 }, 0)
    const [script, sha, keys, ...rest] = words(item, 5)
    expect([script, keys]).toEqual(['EVALSHA', '1'])
    expect(sha).toMatch(/^[0-9a-f]{40}$/)
    expect(rest).toEqual(['k', command, '5', '0', ...parts])
  })

  it('carries any bytes as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 200_000 }), (key, value) => {
        const item = new Item(bulk(key), 0)
        item.value = bulk(value)
        expect(words(item, 0)).toEqual([
          'SET',
          Buffer.from(key).toString('latin1'),
          Buffer.from(value).toString('latin1'),
          'NX',
        ])
      }),
    )
  })
})
