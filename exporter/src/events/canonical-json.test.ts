import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, ownJson } from './canonical-json.js'

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
    [
      Object.fromEntries('tsrqponmlkjihgfedcba'.split('').map((name) => [name, 1])),
      `{${'abcdefghijklmnopqrst'
        .split('')
        .map((name) => `"${name}":1`)
        .join(',')}}`,
    ],
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

  it.each([canonicalJson, ownJson])('refuses what JSON cannot hold: %o', (read) => {
    expect(() => read({ a: NaN })).toThrow('has NaN, which')
    expect(() => read([undefined])).toThrow('has a undefined')
    expect(() => read(new Array(1))).toThrow('has a undefined')
    expect(() => read({ a: 1n })).toThrow('has a bigint')
    let deep: unknown = 'deep'
    for (let level = 0; level < 64; level++) deep = [deep]
    expect(() => read(deep)).not.toThrow()
    expect(() => read([deep])).toThrow('is nested deeper than 64 levels')
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(() => read(deep)).toThrow('is nested deeper than 64 levels')
  })

  it('has the same of a copy, whatever becomes of the value', () => {
    const value = JSON.parse('{"b":[{"a":1}],"__proto__":{"c":null},"1":"x"}') as { b: object[] }
    const [text, copy] = [canonicalJson(value), ownJson({ ...value, gone: undefined })]
    Object.assign(value.b[0]!, { a: NaN })
    value.b.push(value)
    expect(canonicalJson(copy)).toBe(text)
    expect(text).toBe('{"1":"x","__proto__":{"c":null},"b":[{"a":1}]}')
    fc.assert(fc.property(fc.jsonValue(), (json) => canonicalJson(ownJson(json)) === canonicalJson(json)))
  })
})
