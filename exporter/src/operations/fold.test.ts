import { describe, expect, it } from 'vitest'
import type { NewEvent } from '../contract/events.js'
import type { NodeProgress, PlanBody } from '../contract/operations.js'
import type { Fact } from '../events/log.js'
import { applyEvent } from './fold.js'
import type { OwnRecord } from './record.js'
import { OperationsState } from './state.js'
import { operationView } from './views.js'

const by = { token: 't' }
const body: PlanBody = {
  changes: [],
  counts: { keys: 100 },
  warnings: [],
  sample: [],
  fingerprint: 'f',
  estimateSeconds: 1,
  details: {},
}
const START: NewEvent[] = [
  {
    type: 'plan.requested',
    data: { kind: 'k', cluster: 'demo', spec: { rate: { keysPerSecond: 10 } }, by },
  },
  { type: 'plan.ready', data: { hash: 'h', body, expiresAt: '2030-01-01T01:00:00Z' } },
  { type: 'operation.requested', data: { hash: 'h', reason: 'r', by } },
]
const progressed = (nodes: NodeProgress[], checkpoint?: unknown): NewEvent => ({
  type: 'operation.progressed',
  data: { nodes, ...(checkpoint !== undefined && { checkpoint }) },
})
const working = (node: string, done: number, total: number): NodeProgress => ({
  node,
  outcome: 'working',
  note: '',
  done,
  total,
})

/** Events of one operation, a second apart. */
const stored = (events: readonly NewEvent[]): Fact[] =>
  events.map(({ type, data }, i) => ({
    type: `io.slotwise.${type}`,
    subject: 'operation/x',
    time: new Date(Date.UTC(2030, 0, 1) + i * 1000).toISOString(),
    streamversion: i + 1,
    data,
  }))
const fold = (events: readonly NewEvent[]) =>
  stored(events).reduce<OwnRecord | undefined>(applyEvent, undefined)!
const NOT_FROZEN = { on: false, reason: '' }
const view = (...events: NewEvent[]) => operationView(fold([...START, ...events]), NOT_FROZEN)!

describe('progress', () => {
  it('keeps the last checkpoint and shows it to nobody', () => {
    const events = [...START, progressed([], { cursor: 1 }), progressed([], { cursor: 2 }), progressed([])]
    expect(fold(events).run!.checkpoint).toEqual({ cursor: 2 })
    expect(JSON.stringify(operationView(fold(events), NOT_FROZEN))).not.toContain('cursor')
  })

  it('is the sum of what has a total, which is never below what is done', () => {
    const target: NodeProgress = { node: 't', outcome: 'working', note: '', shard: 's', done: 7 }
    expect(view(progressed([working('a', 3, 10), working('b', 12, 10), target])).progress).toEqual({
      done: 15,
      total: 22,
    })
  })

  it('counts nodes where none has a total', () => {
    const nodes: NodeProgress[] = [
      { node: 'a', outcome: 'done', note: '' },
      { node: 'b', outcome: 'working', note: '' },
    ]
    expect(view(progressed(nodes)).progress).toEqual({ done: 1, total: 2 })
  })

  it('counts what sources tell, and not again what arrives', () => {
    const source = (node: string, written: number): NodeProgress => ({
      ...working(node, 0, 0),
      counts: { written, failed: 1 },
    })
    const target: NodeProgress = { ...source('t', 30), shard: 's' }
    expect(view(progressed([source('a', 10), source('b', 20), target])).counts).toEqual({
      written: 30,
      failed: 2,
    })
    expect(view(progressed([target])).counts).toEqual({ written: 30, failed: 1 })
    expect(view(progressed([working('a', 0, 1)]))).not.toHaveProperty('counts')
  })

  it('makes a line of the timeline only when an outcome changes', () => {
    const lines = view(
      progressed([working('a', 0, 10), working('b', 0, 10)]),
      ...Array.from({ length: 500 }, (_, i) => progressed([working('a', i, 500)], i)),
      progressed([{ ...working('a', 500, 500), outcome: 'done', note: 'all' }, working('b', 1, 10)]),
    ).timeline.filter(({ type }) => type === 'operation.progressed')
    expect(lines.map(({ text }) => text)).toEqual(['a working, b working', 'a done (all)'])
  })
})

describe('a timeline', () => {
  it('does not grow without end: its beginning and its end stay', () => {
    const wait: NewEvent[] = [
      { type: 'operation.paused', data: { reason: 'full', gates: ['full'] } },
      { type: 'operation.resumed', data: { reason: 'free' } },
    ]
    const { timeline } = view(...Array.from({ length: 1000 }, () => wait).flat(), {
      type: 'operation.ended',
      data: { state: 'succeeded', summary: 'all' },
    })
    expect(timeline.length).toBe(300)
    expect(timeline[0]).toMatchObject({ type: 'plan.requested' })
    expect(timeline.at(-1)).toMatchObject({ type: 'operation.ended' })
  })
})

describe('the estimate of the time left', () => {
  const tenASecond = [0, 10, 20].map((done) => progressed([working('a', done, 100)]))

  it('comes from the rate at first, then from how fast it went', () => {
    expect(view(progressed([working('a', 0, 100)])).etaSeconds).toBe(10)
    expect(view(...[0, 5, 10].map((done) => progressed([working('a', done, 100)]))).etaSeconds).toBe(18)
    expect(view(...tenASecond).etaSeconds).toBe(8)
  })

  it('ends with the limit, where that comes first', () => {
    const [requested, ...more] = START as [NewEvent & { data: object }, ...NewEvent[]]
    const limited = (keys: number) => {
      const asked = { ...requested, data: { ...requested.data, spec: { limits: { keys } } } } as NewEvent
      const looked = [0, 10, 20].map((done) =>
        progressed([{ ...working('a', done, 100), counts: { evicted: done / 2 } }]),
      )
      return operationView(fold([asked, ...more, ...looked]), NOT_FROZEN)!.etaSeconds
    }
    expect(limited(25)).toBe(3)
    expect(limited(10)).toBe(0)
    expect(limited(1000)).toBe(8)
  })

  it('looks at the last half minute only', () => {
    const slowThenFast = [
      ...Array.from({ length: 60 }, (_, i) => i),
      ...Array.from({ length: 40 }, (_, i) => 60 + i * 10),
    ]
    expect(view(...slowThenFast.map((done) => progressed([working('a', done, 1000)]))).etaSeconds).toBe(55)
  })

  it.each<[string, NewEvent]>([
    ['paused', { type: 'operation.paused', data: { by, reason: '', gates: [] } }],
    ['held up', { type: 'operation.paused', data: { reason: 'full', gates: ['full'] } }],
    ['reading back', { type: 'operation.verifying', data: {} }],
    ['over', { type: 'operation.ended', data: { state: 'cancelled', summary: '' } }],
  ])('is not there when it is %s', (_, event) => {
    expect(view(...tenASecond, event)).not.toHaveProperty('etaSeconds')
  })

  it('starts anew at another rate', () => {
    const faster: NewEvent = { type: 'operation.rate-changed', data: { by, rate: { keysPerSecond: 40 } } }
    expect(view(...tenASecond, faster).etaSeconds).toBe(2)
  })

  it('starts anew when it is taken up again, and the timeline says so', () => {
    const fiveASecond = [0, 5, 10].map((done) => progressed([working('a', done, 100)]))
    const told = view(...fiveASecond, { type: 'operation.taken-up', data: {} })
    expect(told.etaSeconds).toBe(9)
    expect(told.timeline.at(-1)?.text).toBe('taken up again after the exporter had stopped')
  })
})

describe('measurements', () => {
  it('are shown as they were taken', () => {
    const comparison = { checked: 3, same: 2, different: 1, missing: 0, gone: 0, examples: ['k: other TTL'] }
    const told = view(
      { type: 'operation.measured', data: { when: 'before', values: { keys: 1 } } },
      { type: 'operation.measured', data: { when: 'after', values: { keys: 9 } } },
      { type: 'operation.compared', data: comparison },
    )
    expect(told).toMatchObject({ before: { keys: 1 }, after: { keys: 9 }, comparison })
    expect(told.timeline.at(-1)?.text).toBe('looked again at 3 keys: 2 same, 1 different, 0 missing')
  })
})

describe('the state of all operations', () => {
  const events = stored([
    ...START,
    progressed([working('a', 1, 10), working('b', 1, 10)], 1),
    { type: 'operation.paused', data: { by, reason: '', gates: [] } },
    progressed([working('a', 2, 10)], 2),
    { type: 'operation.resumed', data: { by, reason: '' } },
    progressed([{ ...working('a', 10, 10), outcome: 'done' }]),
    { type: 'operation.ended', data: { state: 'succeeded', summary: 'all' } },
  ])

  it('changes no record that somebody may have', () => {
    const state = new OperationsState()
    const given = events.map((event) => {
      state.apply(event)
      const record = state.records.get('x')!
      return { record, then: structuredClone(record) }
    })
    for (const { record, then } of given) expect(record).toEqual(then)
  })

  it('is the same where nobody has one yet', () => {
    const [seen, unseen] = [new OperationsState(), new OperationsState()]
    for (const event of events) {
      expect(seen.apply(event)).toBe('x')
      expect(unseen.apply(event, true)).toBe('x')
      expect(unseen.apply(event, true)).toBeUndefined()
    }
    expect(unseen.toJSON()).toEqual(seen.toJSON())
    expect([...unseen.unfinished]).toEqual([...seen.unfinished])
  })
})
