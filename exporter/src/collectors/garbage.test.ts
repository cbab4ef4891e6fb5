import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Samples } from '../exposition/families.js'
import { renderText } from '../exposition/text.js'
import { AnsweredReading } from '../redis/answered-reading.js'
import { parseKeyList } from '../redis/key-query.js'
import { readingRules, STANDARD_READ_OPTIONS } from '../redis/readings.js'
import { decode, textOf, type Answer } from '../redis/replies.js'
import { collectNode, nodeCollectors } from './node.js'

/** JSON that the reader makes itself. */
const OWN: ReadonlySet<string> = new Set(['keys', 'streams', 'count_keys', 'key_groups'])
const names = [...new Set(nodeCollectors.flatMap(({ readings }) => readings))].filter(
  (name) => !OWN.has(name),
)

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`
/** Words that collectors look for, so that random replies get far. */
const word = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'maxmemory',
    'calls',
    'histogram_usec',
    'name',
    'ip',
    'port',
    'flags',
    'index_name',
    'get',
    '1',
    '-1',
  ),
  fc.constantFrom('client-output-buffer-limit', 'normal 0 0 0 slave 1 x', 'nan', 'inf'),
  fc.constantFrom(
    'id=1 addr=::1:2 age=x name=a=b\nid=1 addr',
    'master0:name=x,slaves=1,sentinels=1',
    'db0:keys=1',
  ),
)
const reply = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    word.map(bulk),
    fc.integer().map((value) => `:${value}\r\n`),
    fc.constantFrom('$-1\r\n', '*-1\r\n', '-ERR x\r\n', '+OK\r\n'),
    fc.array(tie('reply'), { maxLength: 6 }).map((items) => `*${items.length}\r\n${items.join('')}`),
  ),
})).reply
const frame = fc.oneof(
  reply.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)
const answer: fc.Arbitrary<Answer> = fc.record({
  of: fc.string(),
  command: fc.tuple(fc.constant('SENTINEL'), fc.constantFrom('CKQUORUM', 'SENTINELS', 'SLAVES'), fc.string()),
  frame,
})
const reading = fc
  .dictionary(
    fc.constantFrom(...names),
    fc.record({ frames: fc.array(frame, { maxLength: 4 }), more: fc.array(answer, { maxLength: 3 }) }),
    { noNullPrototype: true },
  )
  .map(
    (parts) =>
      new AnsweredReading(new Map(Object.entries(parts)), { connectSeconds: 0, durationSeconds: 0, at: 0 }),
  )

/** Whole, but senseless; or bytes that are no replies. A collector may fail, and nothing else. */
describe('replies that make no sense', () => {
  it('cost their collector only, and leave an exposition that can be read', () => {
    fc.assert(
      fc.property(reading, (random) => {
        const samples = new Samples()
        collectNode(random, samples, { configMetrics: true, clientPort: true, sentinelPeers: true })
        const text = [...renderText([{ labels: [], samples }], 'redis')].join('')
        expect(text).toContain('redis_up 1\n')
        const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
        const keys = series.map((line) => line.slice(0, line.lastIndexOf(' ')))
        expect(new Set(keys).size).toBe(keys.length)
        expect(series.filter((line) => / (NaN|undefined|null)$/.test(line))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('name nothing to ask for that is no text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...readingRules), fc.array(frame, { maxLength: 3 }), ({ more }, frames) => {
        let followups
        try {
          followups = more?.(frames, STANDARD_READ_OPTIONS) ?? []
        } catch {
          return // The reader catches it: the reading has failed.
        }
        for (const { of, command } of followups) {
          expect(typeof of).toBe('string')
          expect(command.every((part) => typeof part === 'string')).toBe(true)
        }
      }),
    )
  })
})

describe('decode', () => {
  it('throws what it has to say and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decode(Buffer.from(bytes))
        } catch (error) {
          expect((error as Error).name).toBe('ProtocolError')
        }
      }),
    )
  })

  it('tells different bytes apart', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => {
        const [one, other] = [Buffer.from(a), Buffer.from(b)]
        fc.pre(!one.equals(other) && one.every((byte) => byte !== 92) && other.every((byte) => byte !== 92))
        expect(textOf(one)).not.toBe(textOf(other))
      }),
    )
  })
})

describe('parseKeyList', () => {
  it.each([
    ['a', [{ db: 0, key: 'a' }]],
    [
      'db3=user%3A*, b',
      [
        { db: 3, key: 'user:*' },
        { db: 0, key: 'b' },
      ],
    ],
    ['4=x+y', [{ db: 4, key: 'x y' }]],
    ['%FF', [{ db: 0, key: '\xff' }]],
    [',,', []],
  ])('%s', (text, keys) => expect(parseKeyList(text)).toEqual(keys))

  it.each(['a=b=c', 'dbx=a', 'db1=', '%zz', '-1=a'])('refuses %s', (text) => {
    expect(() => parseKeyList(text)).toThrow()
  })
})
