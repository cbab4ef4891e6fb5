import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { by, ends, eventually, fakeKind, gate, ready, request, world, type World } from '../../test/engine.js'
import type { StoredEvent } from '../contract/events.js'
import type { Kind, RunContext } from './kind.js'

/** A kind that stands before its next piece as long as the test gives it reasons to. */
function gated() {
  const state = { reasons: [] as string[], looks: 0, pieces: 0, mayEnd: false }
  const run: Kind['run'] = async (_, context: RunContext) => {
    while (!state.mayEnd) {
      await context.turn()
      await context.gate(state.reasons)
      state.looks++
      if (state.reasons.length === 0) state.pieces++
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { state: 'succeeded', summary: 'all' }
  }
  const spec = z.strictObject({ rate: z.strictObject({ keysPerSecond: z.int() }).optional() })
  return { state, kind: fakeKind({ run, spec }) }
}

async function started(it: World): Promise<string> {
  const { id, hash } = await ready(it)
  await it.engine.run(id, request(hash))
  return id
}
const shows = (it: World, id: string, expected: object) =>
  eventually(() => expect(it.engine.getOperation(id)).toMatchObject(expected))
/** Waits and steps of an operation, as the log has them. */
const waits = async ({ log }: World, id: string) =>
  (await log.readStream(`operation/${id}`))
    .filter(({ type }) => /paused|resumed/.test(type))
    .map(({ type, data }: StoredEvent) => {
      const { by: who, gates } = data as { by?: object; gates?: string[] }
      return [type.split('.').at(-1), who ? 'somebody' : 'itself', ...(gates ?? [])]
    })

describe('a gate', () => {
  it('pauses with its reasons and goes on without, a step each however often it is said', async () => {
    const { state, kind } = gated()
    const it = await world(undefined, [kind])
    const id = await started(it)
    state.reasons = ['n1 is full', 'n2 is full']
    await shows(it, id, { state: 'paused', gates: ['n1 is full', 'n2 is full'] })
    state.reasons = ['n2 is full']
    await shows(it, id, { state: 'paused', gates: ['n2 is full'] })
    state.reasons = []
    await shows(it, id, { state: 'running', gates: [] })
    state.mayEnd = true
    expect((await ends(it.engine, id)).timeline.map(({ text }) => text)).toContain(
      'paused: n1 is full; n2 is full',
    )
    expect(await waits(it, id)).toEqual([
      ['paused', 'itself', 'n1 is full', 'n2 is full'],
      ['paused', 'itself', 'n2 is full'],
      ['resumed', 'itself'],
    ])
  })

  it('whose figures change is not recorded with each of them', async () => {
    const { state, kind } = gated()
    const it = await world(undefined, [kind])
    const id = await started(it)
    for (let percent = 90; percent < 95; percent++) {
      state.reasons = [`n1 is full: ${percent} %`]
      await shows(it, id, { state: 'paused' })
      const pieces = state.looks
      await eventually(() => expect(state.looks).toBeGreaterThan(pieces + 1))
    }
    state.reasons = ['n1 evicts keys']
    await shows(it, id, { gates: ['n1 evicts keys'] })
    expect(await waits(it, id)).toEqual([
      ['paused', 'itself', 'n1 is full: 90 %'],
      ['paused', 'itself', 'n1 evicts keys'],
    ])
    state.reasons = []
    state.mayEnd = true
    await ends(it.engine, id)
  })

  it('and a person hold independently of each other', async () => {
    const { state, kind } = gated()
    const it = await world(undefined, [kind])
    const id = await started(it)
    state.reasons = ['full']
    await shows(it, id, { state: 'paused' })
    await expect(it.engine.resume(id, by, 'go')).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('by itself (full)') as string,
    })
    await it.engine.pause(id, by, 'lunch')
    await it.engine.resume(id, by, 'back')
    await shows(it, id, { state: 'paused', gates: ['full'] })
    const before = state.pieces
    state.reasons = []
    await shows(it, id, { state: 'running', gates: [] })
    await eventually(() => expect(state.pieces).toBeGreaterThan(before))
    state.reasons = ['full']
    await shows(it, id, { state: 'paused' })
    await it.engine.pause(id, by, 'lunch')
    await it.engine.cancel(id, by, 'enough')
    expect(await ends(it.engine, id)).toMatchObject({ gates: [] })
  })

  it("does not undo a person's pause when it ends", async () => {
    const { state, kind } = gated()
    const hold = gate()
    const run: Kind['run'] = async (_, context) => {
      await context.gate(['full'])
      await hold.opened
      await context.gate([])
      await context.turn()
      state.pieces++
      return { state: 'succeeded', summary: 'all' }
    }
    const it = await world(undefined, [{ ...kind, kind: { ...kind.kind, run } }])
    const id = await started(it)
    await shows(it, id, { state: 'paused', gates: ['full'] })
    await it.engine.pause(id, by, 'lunch')
    hold.open()
    await shows(it, id, { state: 'paused', gates: [] })
    expect(state.pieces).toBe(0)
    await it.engine.resume(id, by, 'back')
    expect(await ends(it.engine, id)).toMatchObject({ state: 'succeeded' })
  })

  it('is said again by its kind after a crash, or is gone', async () => {
    const { state, kind } = gated()
    const it = await world(undefined, [kind])
    const id = await started(it)
    state.reasons = ['full']
    await shows(it, id, { state: 'paused', gates: ['full'] })
    const rows = it.log.rows.length
    state.reasons = []
    const after = await it.restart()
    await shows(after, id, { state: 'running', gates: [] })
    expect(after.log.rows.slice(rows).map(({ type }) => type)).toEqual([
      'io.slotwise.operation.taken-up',
      'io.slotwise.operation.resumed',
    ])
    state.mayEnd = true
    await ends(after.engine, id)
  })
})

describe('a kind that yields', () => {
  it('waits while the other works on its cluster, says so, and goes on by itself', async () => {
    const { state, kind: other } = gated()
    const yields = fakeKind({ yieldsTo: ['other'] })
    const it = await world(undefined, [yields, { ...other, kind: { ...other.kind, name: 'other' } }])
    const hold = gate()
    yields.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const first = await started(it)
    const second = await ready(it, 'demo', 'other')
    await it.engine.run(second.id, request(second.hash))
    hold.open() // the piece that is under way ends
    await shows(it, first, {
      state: 'paused',
      gates: [`other ${second.id} goes first`],
      progress: { done: 1 },
    })
    expect(yields.state.worked).toEqual(['n1'])
    state.mayEnd = true
    await ends(it.engine, second.id)
    expect(await ends(it.engine, first)).toMatchObject({ state: 'succeeded', gates: [] })
    expect(await waits(it, first)).toEqual([
      ['paused', 'itself', `other ${second.id} goes first`],
      ['resumed', 'itself'],
    ])
  })

  it('does not wait for one on another cluster', async () => {
    const { state, kind: other } = gated()
    const it = await world(undefined, [
      fakeKind({ yieldsTo: ['other'] }),
      { ...other, kind: { ...other.kind, name: 'other' } },
    ])
    const elsewhere = await ready(it, 'other', 'other')
    await it.engine.run(elsewhere.id, request(elsewhere.hash, { confirm: 'other' }))
    expect((await ends(it.engine, await started(it))).state).toBe('succeeded')
    state.mayEnd = true
    await ends(it.engine, elsewhere.id)
  })
})

describe('a rate', () => {
  it('is that of the spec first, then what was asked for; what is absent stays', async () => {
    const seen: unknown[] = []
    const hold = gate()
    const spec = z.strictObject({
      rate: z
        .strictObject({ keysPerSecond: z.int(), bytesPerSecond: z.int().optional() })
        .prefault({ keysPerSecond: 10 }),
    })
    const run: Kind['run'] = async (_, context) => {
      seen.push(context.rate())
      await hold.opened
      seen.push(context.rate())
      return { state: 'succeeded', summary: 'all' }
    }
    const it = await world(undefined, [fakeKind({ spec, run })])
    const id = await started(it)
    expect(it.engine.getOperation(id)).toMatchObject({ rate: { keysPerSecond: 10 } })
    await eventually(() => expect(seen).toHaveLength(1))
    await it.engine.setRate(id, by, { bytesPerSecond: 5 })
    const changed = await it.engine.setRate(id, by, { keysPerSecond: 20 })
    expect(changed.rate).toEqual({ keysPerSecond: 20, bytesPerSecond: 5 })
    hold.open()
    await ends(it.engine, id)
    expect(seen).toEqual([{ keysPerSecond: 10 }, { keysPerSecond: 20, bytesPerSecond: 5 }])
    await expect(it.engine.setRate(id, by, { keysPerSecond: 1 })).rejects.toMatchObject({
      code: 'wrong-state',
    })
  })

  it('cannot be given to a kind that has none', async () => {
    const { state, kind } = gated()
    const it = await world(undefined, [kind])
    const id = await started(it)
    await expect(it.engine.setRate(id, by, { keysPerSecond: 1 })).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'fake has no rate to change',
    })
    state.mayEnd = true
    await ends(it.engine, id)
  })
})

describe('the look before a run', () => {
  it('is told that it comes again, and what it finds stale is planned whole', async () => {
    const looks: unknown[] = []
    const fake = fakeKind()
    const { plan } = fake.kind
    const kind: Kind = {
      ...fake.kind,
      plan: (spec, context) => {
        looks.push(context.again)
        return plan(spec, context)
      },
    }
    const it = await world(undefined, [{ ...fake, kind }])
    const stale = await ready(it)
    it.state.fingerprint = 'f2'
    await expect(it.engine.run(stale.id, request(stale.hash))).rejects.toMatchObject({ code: 'stale' })
    const fresh = await ready(it)
    await it.engine.run(fresh.id, request(fresh.hash))
    await ends(it.engine, fresh.id)
    expect(looks).toEqual([undefined, true, undefined, undefined, true])
  })
})

describe('key prefixes', () => {
  it('bind the plan, its run and its hash', async () => {
    const seen: unknown[] = []
    const fake = fakeKind({ bindsKeys: true })
    const { kind } = fake
    const { plan, run } = kind
    const spied: Kind = {
      ...kind,
      plan: (spec, context) => {
        seen.push(context.keyPrefixes)
        return plan(spec, context)
      },
      run: (spec, context) => {
        seen.push(context.keyPrefixes)
        return run(spec, context)
      },
    }
    const it = await world(undefined, [{ ...fake, kind: spied }])
    const bound = await ready(it, 'demo', 'fake', ['a:', 'b:'])
    const free = await ready(it)
    expect(bound.hash).not.toBe(free.hash)
    expect(it.engine.getPlan(bound.id)).toMatchObject({ keyPrefixes: ['a:', 'b:'] })
    expect(it.engine.getPlan(free.id)).not.toHaveProperty('keyPrefixes')
    seen.length = 0
    await it.engine.run(bound.id, request(bound.hash))
    await ends(it.engine, bound.id)
    expect(seen).toEqual([
      ['a:', 'b:'],
      ['a:', 'b:'],
    ])
  })

  it('are kept by the plan that takes the place of a stale one', async () => {
    const it = await world(undefined, [fakeKind({ bindsKeys: true })])
    const { id, hash } = await ready(it, 'demo', 'fake', ['a:'])
    it.state.fingerprint = 'f2'
    await expect(it.engine.run(id, request(hash))).rejects.toMatchObject({
      code: 'stale',
      details: { freshPlan: { keyPrefixes: ['a:'] } },
    })
  })

  it('keep a token from kinds that cannot keep to them', async () => {
    const it = await world()
    await expect(
      it.engine.plan({ cluster: 'demo', kind: 'fake', spec: {}, by, keyPrefixes: ['a:'] }),
    ).rejects.toMatchObject({ code: 'limited-keys' })
    expect(it.log.rows).toEqual([])
  })
})
