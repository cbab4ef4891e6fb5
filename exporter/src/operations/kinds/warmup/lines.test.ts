import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineError, LineReader, parseLine, type RawLine } from './lines.js'

const parse = (line: unknown) =>
  parseLine(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)))

describe('parseLine', () => {
  it.each([
    [{ key: 'k', type: 'string', value: 'v' }, ['v'], undefined],
    [{ key: '', type: 'string', value: '', ttl: 0.0001 }, [''], 1],
    [{ key: 'k', type: 'list', value: ['b', 'a', 'b'], ttl: 1.5 }, ['b', 'a', 'b'], 1500],
    [{ key: 'k', type: 'set', value: ['b', 'a', 'b'] }, ['b', 'a'], undefined],
    [
      {
        key: 'k',
        type: 'zset',
        value: [
          ['m', 0.1],
          ['n', 'inf'],
          ['m', -1e21],
        ],
      },
      ['-1e+21', 'm', 'inf', 'n'],
      undefined,
    ],
  ])('%j', (line, parts, ttlMs) => {
    expect(parse(line)).toEqual({ key: line.key, type: line.type, parts, ttlMs })
  })

  it('takes a field of a hash whatever its name', () => {
    expect(parse('{"key":"k","type":"hash","value":{"__proto__":"v","":""}}').parts).toEqual([
      '__proto__',
      'v',
      '',
      '',
    ])
  })

  it.each([
    ['{"key":', 'not JSON'],
    ['[]', 'not an object'],
    ['null', 'not an object'],
    [{ type: 'string', value: 'v' }, 'key is missing'],
    [{ key: 'k', value: 'v' }, 'type is missing'],
    [{ key: 'k', type: 'stream', value: [] }, 'type is none of string, list, set, hash and zset'],
    [{ key: 'k', type: 'string' }, 'value of a string is missing'],
    [{ key: 'k', type: 'string', value: 1 }, 'value of a string must be a string'],
    [{ key: 'k', type: 'list', value: [] }, 'an empty list is no key'],
    [{ key: 'k', type: 'set', value: ['a', 1] }, 'element of a set must be a string'],
    [{ key: 'k', type: 'hash', value: ['a'] }, 'the value of a hash must be an object of strings'],
    [{ key: 'k', type: 'zset', value: [['m']] }, 'the value of a zset must be an array of [member, score]'],
    [{ key: 'k', type: 'zset', value: [['m', '1']] }, 'a score of a zset must be a number, "inf" or "-inf"'],
    [
      { key: 'k', type: 'string', value: 'v', ttl: 0 },
      'ttl must be a number of seconds above 0; leave it out for none',
    ],
    [{ key: 'k', type: 'string', value: 'v', tll: 1 }, 'a field that is none of key, type, value and ttl'],
    ['{"key":"\\ud800","type":"string","value":"v"}', 'key has half a character (a lone surrogate)'],
  ])('refuses %j', (line, message) => {
    expect(() => parse(line)).toThrow(new LineError(message))
  })

  it('refuses bytes that are no text', () => {
    expect(() => parseLine(Buffer.from([34, 255, 34]))).toThrow('not UTF-8')
  })
})

describe('LineReader', () => {
  const read = (chunks: readonly Buffer[], longest?: number): RawLine[] => {
    const reader = new LineReader(longest)
    return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()]
  }

  it('finds the same lines however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-c\r]{0,5}$/)),
        fc.integer({ min: 1, max: 7 }),
        (lines, size) => {
          const bytes = Buffer.from(lines.join('\n'))
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          )
          const tell = (list: readonly RawLine[]) =>
            list.map((line) => ({ ...line, bytes: line.bytes?.toString() }))
          expect(tell(read(chunks))).toEqual(tell(read([bytes])))
          for (const { bytes: line, number } of read(chunks))
            expect(line?.toString()).toBe(lines[number - 1]!.replace(/\r$/, ''))
        },
      ),
    )
  })

  it('tells where each line ends, and passes over empty ones', () => {
    expect(read([Buffer.from('a\r\n\nbc\n')]).map(({ number, end }) => [number, end])).toEqual([
      [1, 3],
      [3, 7],
    ])
  })

  it('keeps nothing of a line that is too long, and goes on behind it', () => {
    const lines = read([Buffer.from('abc'), Buffer.from('def'), Buffer.from('g\nhi\n')], 5)
    expect(lines.map(({ bytes, number, end }) => [bytes?.toString(), number, end])).toEqual([
      [undefined, 1, 8],
      ['hi', 2, 11],
    ])
  })
})
