import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, chain, hashOf, NO_HEAD, toStored, type ChainedRow } from './chain.js'
import { VersionConflict } from './log.js'

const draft = (data: string) => ({
  id: 'e1',
  source: 'slotwise/test',
  type: 'io.slotwise.freeze.changed',
  time: '2026-11-22T00:00:00.000Z',
  data,
})

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    // The examples of RFC 8785, 3.2.
    [
      {
        numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
        literals: [null, true, false],
      },
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ],
    [{ '€': 1, '\r': 2, '1': 3, '😂': 4, ö: 5 }, '{"\\r":2,"1":3,"ö":5,"€":1,"😂":4}'],
    [{ b: undefined, a: [-0] }, '{"a":[0]}'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it('says the same as JSON, whatever the order of the members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson({ a: NaN })).toThrow('has NaN, which')
    expect(() => canonicalJson([undefined])).toThrow('has a undefined')
    expect(() => canonicalJson({ a: 1n })).toThrow('has a bigint')
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(() => canonicalJson(deep)).toThrow('is nested deeper than 64 levels')
  })
})

describe('the chain', () => {
  it('hashes what an outsider sees: the event without hash and position, as canonical JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (text, value) => {
        const event = { ...draft(canonicalJson(value)), id: text, source: text, time: text }
        const { rows } = chain([{ stream: 'control', events: [event, event] }], () => NO_HEAD)
        for (const row of rows) {
          const { hash, position, ...shown } = toStored({ ...row, position: '1' })
          expect(position).toBe('1')
          expect(hash).toBe(createHash('sha256').update(canonicalJson(shown)).digest('hex'))
        }
      }),
    )
  })

  it('has the hash that is documented', () => {
    const { rows } = chain([{ stream: 'control', events: [draft('{"on":true}')] }], () => NO_HEAD)
    const text =
      '{"data":{"on":true},"datacontenttype":"application/json","id":"e1","previoushash":"","source":"slotwise/test",' +
      '"specversion":"1.0","streamversion":1,"subject":"control","time":"2026-11-22T00:00:00.000Z","type":"io.slotwise.freeze.changed"}'
    expect(rows[0]!.hash).toBe(createHash('sha256').update(text).digest('hex'))
  })

  it('goes on from the heads, and from its own rows within an append', () => {
    const event = draft('{}')
    const { rows, heads } = chain(
      [
        { stream: 'a', expectedVersion: 7, events: [event] },
        { stream: 'b', expectedVersion: 0, events: [event] },
        { stream: 'a', expectedVersion: 8, events: [event] },
      ],
      (stream) => (stream === 'a' ? { version: 7, hash: 'h7' } : NO_HEAD),
    )
    const place = ({ stream, version, previoushash }: ChainedRow) => [stream, version, previoushash]
    expect(rows.map(place)).toEqual([
      ['a', 8, 'h7'],
      ['b', 1, ''],
      ['a', 9, rows[0]!.hash],
    ])
    expect(heads.get('a')).toEqual({ version: 9, hash: rows[2]!.hash })
    expect(rows.every((row) => row.hash === hashOf(row))).toBe(true)
    expect(() => chain([{ stream: 'a', expectedVersion: 1, events: [] }], () => NO_HEAD)).toThrow(
      VersionConflict,
    )
  })
})
