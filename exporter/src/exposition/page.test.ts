import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Samples, type Family, type Labels } from './families.js'
import { assemble, Page } from './page.js'
import { renderText, type Source } from './text.js'

const namespace = 'redis'

/** Families whose full names sort otherwise than their names do, and one that begins as another does. */
const families: readonly Family[] = [
  { name: 'a_total', type: 'counter', help: 'A.' },
  { name: 'a', type: 'gauge', help: 'back\\slash\nand line' },
  { name: 'slotwise_z', type: 'gauge', help: 'Z.', own: true },
  { name: 'b', type: 'summary', help: 'Ünïcode.' },
]
const suffixes = ['', '_sum', '_count']

const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e21, 1e-7, 9_007_199_254_740_991, Infinity, -Infinity, NaN),
)
const label = fc.tuple(fc.constantFrom('db', 'cmd'), fc.string({ unit: 'grapheme' }))
const labels: fc.Arbitrary<Labels> = fc.array(label, { maxLength: 2 })
const add = fc.record({
  family: fc.constantFrom(...families),
  value,
  labels,
  suffix: fc.constantFrom(...suffixes),
})
type Add = typeof add extends fc.Arbitrary<infer T> ? T : never

function sourceOf(labels: Labels, adds: readonly Add[]): Source {
  const samples = new Samples()
  for (const { family, value, labels, suffix } of adds) samples.add(family, value, labels, suffix)
  return { labels, samples }
}

const pageText = (pages: readonly Page[]) => Array.from(assemble(pages, namespace), String).join('')
const plainText = (sources: readonly Source[]) => [...renderText(sources, namespace)].join('')

describe('pages', () => {
  it('say what text.ts says, whatever values are written into them', () => {
    const source = fc.record({ labels, adds: fc.array(add, { maxLength: 20 }) })
    const change = fc.record({ source: fc.nat(), slot: fc.nat(), value })
    fc.assert(
      fc.property(
        fc.array(source, { maxLength: 5 }),
        fc.array(change, { maxLength: 40 }),
        (list, changes) => {
          const pages = list.map(({ labels, adds }) => new Page(sourceOf(labels, adds), namespace))
          expect(pageText(pages)).toBe(plainText(list.map(({ labels, adds }) => sourceOf(labels, adds))))
          for (const { source, slot, value } of changes) {
            const adds = list[source % list.length]?.adds ?? []
            if (adds.length === 0) continue
            pages[source % list.length]!.set(slot % adds.length, value)
            adds[slot % adds.length]!.value = value
          }
          expect(pageText(pages)).toBe(plainText(list.map(({ labels, adds }) => sourceOf(labels, adds))))
        },
      ),
    )
  })

  it('come in chunks where there is much', () => {
    const many = new Samples()
    for (let i = 0; i < 5000; i++) many.add(families[0]!, i, [['cmd', `c${i}`]])
    const few = sourceOf([['instance', 'x']], [{ family: families[1]!, value: 1, labels: [], suffix: '' }])
    const sources = [{ labels: [], samples: many }, few]
    const pages = sources.map((source) => new Page(source, namespace))
    expect([...assemble(pages, namespace)].length).toBeGreaterThan(1)
    expect(pageText(pages)).toBe(plainText(sources))
  })

  it('keep their headers when a new family comes up while they are being sent', () => {
    const many = new Samples()
    for (let i = 0; i < 5000; i++) many.add(families[0]!, i, [['cmd', `c${i}`]])
    for (const later of [families[3]!, families[2]!]) many.add(later, 1)
    const source = { labels: [], samples: many }
    const chunks = assemble([new Page(source, namespace)], namespace)
    let sent = String(chunks.next().value)
    const other = new Samples()
    other.add({ name: 'A_first', type: 'gauge', help: 'New.' }, 1)
    pageText([new Page({ labels: [], samples: other }, namespace)])
    for (const chunk of chunks) sent += String(chunk)
    expect(sent).toBe(plainText([source]))
  })
})
