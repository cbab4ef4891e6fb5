import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.js'
import { chain, hashOf, NO_HEAD, toStored, type ChainedRow } from './chain.js'
import { VersionConflict } from './log.js'

const draft = (payload: unknown) => ({
  id: 'e1',
  source: 'slotwise/test',
  type: 'io.slotwise.freeze.changed',
  time: '2026-11-22T00:00:00.000Z',
  payload,
})

describe('the chain', () => {
  it('hashes what an outsider sees: the event without hash and position, as canonical JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (text, value) => {
        const event = { ...draft(value), id: text, source: text, time: text }
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
    const { rows } = chain([{ stream: 'control', events: [draft({ on: true })] }], () => NO_HEAD)
    const text =
      '{"data":{"on":true},"datacontenttype":"application/json","id":"e1","previoushash":"","source":"slotwise/test",' +
      '"specversion":"1.0","streamversion":1,"subject":"control","time":"2026-11-22T00:00:00.000Z","type":"io.slotwise.freeze.changed"}'
    expect(rows[0]!.hash).toBe(createHash('sha256').update(text).digest('hex'))
  })

  it('goes on from the heads, and from its own rows within an append', () => {
    const event = draft({})
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
