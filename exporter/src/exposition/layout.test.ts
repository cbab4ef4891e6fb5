import { describe, expect, it } from 'vitest'
import { Samples, type Family, type Labels } from './families.js'
import { Page } from './page.js'

const families: readonly Family[] = [
  { name: 'a', type: 'gauge', help: 'A.' },
  { name: 'b', type: 'gauge', help: 'B.' },
]

/** A page with a sample of each family, whose own label is `cmd`. */
function pageOf(labels: Labels, cmd: string, of: readonly Family[] = families): Page {
  const samples = new Samples()
  for (const family of of) samples.add(family, 1, [['cmd', cmd]])
  return new Page({ labels, samples }, 'redis')
}

describe('a layout', () => {
  const one = pageOf([['instance', 'one']], 'get')

  it('is shared by the pages of the same series, whatever their values and the labels of their sources', () => {
    const other = pageOf([['instance', 'other']], 'get')
    other.set(0, 123)
    expect(other.layout).toBe(one.layout)
    expect(String(one.segment(0))).toBe('redis_a{instance="one",cmd="get"} 1\n')
    expect(String(other.segment(0))).toBe('redis_a{instance="other",cmd="get"} 123\n')
  })

  it('is copied as it is, whatever characters it holds', () => {
    const odd = Array.from(
      { length: 9 },
      (_, at) => `${'a'.repeat(at)}\u{10ffff}\x7f\u{f0000}\x7fß\x7f\0`,
    ).join('')
    expect(String(pageOf([['instance', odd]], odd).segment(0))).toBe(
      `redis_a{instance="${odd}",cmd="${odd}"} 1\n`,
    )
  })

  it.each([
    ['another label', () => pageOf([['instance', 'one']], 'set')],
    ['a source without labels', () => pageOf([], 'get')],
    ['samples in another order', () => pageOf([['instance', 'one']], 'get', families.toReversed())],
    [
      'other families of the same names',
      () =>
        pageOf(
          [['instance', 'one']],
          'get',
          families.map((family) => ({ ...family })),
        ),
    ],
  ])('is not shared where there is %s', (_, make) => expect(make().layout).not.toBe(one.layout))
})
