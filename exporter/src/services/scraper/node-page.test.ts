import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goldenEngines, goldenReading, goldenReplies, goldenRoles } from '../../../test/golden.js'
import { allFamilies } from '../../collectors/catalogue.js'
import { collectNode, type CollectOptions } from '../../collectors/node.js'
import { Samples, type Labels } from '../../exposition/families.js'
import { assemble } from '../../exposition/page.js'
import { renderText } from '../../exposition/text.js'
import { NodeTexts } from '../../redis/node-texts.js'
import type { NodeReading, Replies } from '../../redis/replies.js'
import { NodePage } from './node-page.js'

const labels: Labels = [
  ['redis_cluster', 'demo'],
  ['instance', 'a "host":1'],
]

function plain(reading: NodeReading, options: CollectOptions): string {
  const samples = new Samples()
  collectNode(reading, samples, options)
  return [...renderText([{ labels, samples }], 'redis')].join('')
}

const paged = (page: NodePage, reading: NodeReading): string =>
  Array.from(assemble(page.update(reading), 'redis'), String).join('')

/** A reading as a reader makes it, that keeps the texts of the one before. */
function nextReading(texts: NodeTexts, replies: ReadonlyMap<string, Replies>, seconds?: number): NodeReading {
  for (const name of ['info', 'cluster_info'] as const) texts.take(name, replies.get(name)?.frames[0])
  return goldenReading(replies, seconds, texts)
}

const knownNames = new Set(allFamilies.map(({ name }) => name.replace(/^redis_/, '')))

/** Every setting that changes what is made of the same replies. */
const optionSets: Record<string, CollectOptions> = {
  defaults: {},
  everything: { system: true, configMetrics: true, unknownFields: knownNames, roleLabel: true },
  little: {
    emptyDatabases: false,
    keep: ({ name }) => !name.startsWith('c'),
    off: new Set(['commandstats']),
  },
  limited: { maxSeries: 40 },
}

/** Changes a text of `key:value` lines as a server might, and as none should. */
interface Edited {
  edit: number
  line: number
  text: string
}
type Edit = (lines: string[], line: number, text: string) => void
const edits: Edit[] = [
  (lines, line, text) => void (lines[line] = lines[line]!.replace(/[\d.]+/g, text)),
  (lines, line, text) => void (lines[line] = lines[line]!.replace(/:.*/, `:${text}`)),
  (lines, line, text) => void lines.splice(line, 0, `cmdstat_${text}:calls=${line},usec=5`),
  (lines, line, text) => void lines.splice(line, 0, `slave${text}:ip=1,port=2,state=online,offset=3,lag=0`),
  (lines, line) => void lines.splice(line, 1),
  (lines, line) => void lines.push(lines[line]!),
]
const edit: fc.Arbitrary<Edited> = fc.record({
  // Values change all the time, shapes hardly ever.
  edit: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat(edits.length - 1)),
  line: fc.nat(),
  text: fc.oneof(fc.nat().map(String), fc.constantFrom('', '0', '1.50', 'x', 'ok', '-1', '1e5', 'slave')),
})
const bulk = (text: string) => Buffer.from(`$${Buffer.byteLength(text)}\r\n${text}\r\n`)
const denied: Replies = { frames: [Buffer.from('-NOPERM no\r\n')], error: 'denied' }

function edited(replies: Map<string, Replies>, name: string, list: readonly Edited[]): void {
  const frame = replies.get(name)?.frames[0]
  if (!frame) return
  const lines = frame.toString().split('\r\n').slice(1, -1)
  for (const { edit, line, text } of list) edits[edit]!(lines, line % lines.length, text)
  replies.set(name, { frames: [bulk(lines.join('\r\n'))] })
}

describe.each(Object.entries(optionSets))('with %s', (_, options) => {
  it.each(goldenEngines)('%s: the pages of every role say what the plain renderer says', (engine) => {
    for (const role of [...goldenRoles, 'sentinel']) {
      const page = new NodePage(labels, 'redis', options)
      const reading = goldenReading(goldenReplies(engine, role))
      for (let time = 0; time < 2; time++) expect(paged(page, reading)).toBe(plain(reading, options))
    }
  })

  it.each(goldenEngines)('%s: and go on doing so, whatever comes next', (engine) => {
    const step = fc.record({
      info: fc.array(edit, { maxLength: 20 }),
      clusterInfo: fc.array(edit, { maxLength: 3 }),
      /** Another node answers on the same address. */
      role: fc.option(fc.constantFrom(...goldenRoles), { freq: 10 }),
      denied: fc.option(fc.nat(), { freq: 8 }),
      down: fc.nat(9).map((n) => n === 0),
      seconds: fc.double({ min: 0, max: 1, noNaN: true }),
      /** Somebody else has the node read. */
      missed: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const pages = [new NodePage(labels, 'redis', options), new NodePage(labels, 'redis', options)]
        const texts = new NodeTexts()
        let replies = goldenReplies(engine, 'primary')
        for (const { info, clusterInfo, role, denied: what, down, seconds, missed } of steps) {
          replies = role === null ? new Map(replies) : goldenReplies(engine, role)
          edited(replies, 'info', info)
          edited(replies, 'cluster_info', clusterInfo)
          const now = new Map(replies)
          const name = what === null ? undefined : [...now.keys()][what % now.size]
          if (name !== undefined && name !== 'info') now.set(name, denied)
          const reading = down
            ? { error: 'gone', connectSeconds: 0, durationSeconds: seconds, at: 0 }
            : nextReading(texts, now, seconds)
          const text = plain(reading, options)
          for (const page of missed ? pages.slice(1) : pages) expect(paged(page, reading)).toBe(text)
        }
      }),
      { numRuns: 8 },
    )
  })
})

describe('a node page', () => {
  it('is written into where the shape is the same, and laid anew where it is not', () => {
    const page = new NodePage(labels, 'redis', {})
    const replies = goldenReplies('redis-7.0', 'primary')
    const texts = new NodeTexts()
    const before = page.update(nextReading(texts, replies))
    edited(replies, 'info', [{ edit: 0, line: 30, text: '77' }])
    const written = page.update(nextReading(texts, replies, 0.5))
    expect(written.every((one, i) => one === before[i])).toBe(true)
    edited(replies, 'info', [{ edit: 4, line: 30, text: '' }])
    const laid = page.update(nextReading(texts, replies))
    expect(laid.filter((one) => before.includes(one))).toHaveLength(1) // what the exporter says of itself
  })
})
