import { describe, expect, it } from 'vitest'
import { by, ends, eventually, gate, ready, request, world } from '../../test/engine.js'
import type { Engine } from './engine.js'

describe('a plan', () => {
  it('is made, run once, and told from beginning to end', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    const operation = await ends(it.engine, id)
    expect(operation).toMatchObject({
      state: 'succeeded',
      summary: 'all three',
      progress: { done: 3, total: 3 },
      reason: 'because',
    })
    expect(operation.timeline.map(({ type }) => type)).toEqual([
      'plan.requested',
      'plan.ready',
      'operation.requested',
      ...Array<string>(3).fill('operation.progressed'),
      'operation.verifying',
      'operation.ended',
    ])
    expect((await it.log.verify()).ok).toBe(true)
    await expect(it.engine.run(id, request(hash))).rejects.toMatchObject({ code: 'already-run' })
  })

  it('is refused with its reasons', async () => {
    const it = await world()
    it.state.problems = [{ node: 'n1', reason: 'silent', todo: 'start it' }]
    const { id } = await it.engine.plan({ cluster: 'demo', kind: 'fake', spec: {}, by })
    await eventually(() =>
      expect(it.engine.getPlan(id)).toMatchObject({ state: 'refused', refused: it.state.problems }),
    )
    await expect(it.engine.run(id, request('x'))).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('refused') as string,
    })
  })

  it.each<[string, Parameters<Engine['plan']>[0], string]>([
    ['an unknown cluster', { cluster: 'x', kind: 'fake', spec: {}, by }, 'unknown-cluster'],
    ['an unknown kind', { cluster: 'demo', kind: 'x', spec: {}, by }, 'unknown-kind'],
    ['a bad spec', { cluster: 'demo', kind: 'fake', spec: { n: 'one' }, by }, 'invalid-spec'],
    ['an unknown field', { cluster: 'demo', kind: 'fake', spec: { m: 1 }, by }, 'invalid-spec'],
  ])('of %s is refused at once', async (_, plan, code) => {
    const it = await world()
    await expect(it.engine.plan(plan)).rejects.toMatchObject({ code })
    expect(await it.log.readStream('operation/')).toEqual([])
  })

  it('is one of eight that are made at a time for a token and cluster', async () => {
    const it = await world()
    const looking = gate()
    it.state.look = () => looking.opened
    const plan = (token: string) =>
      it.engine.plan({ cluster: 'demo', kind: 'fake', spec: {}, by: { token } }).then(
        ({ id }) => id,
        (error: unknown) => (error as { code: string }).code,
      )
    const asked = await Promise.all(Array.from({ length: 10 }, () => plan('eager')))
    expect(asked.filter((id) => id === 'conflict')).toHaveLength(2)
    expect(await plan('other')).not.toBe('conflict')
    looking.open()
    await eventually(() => expect(it.engine.getPlan(asked[0]!)?.state).toBe('ready'))
    expect(await plan('eager')).not.toBe('conflict')
  })

  it('of a spec with a thousand mistakes is refused with twenty of them', async () => {
    const it = await world()
    const spec = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`field-${i}`, i]))
    const refused = (await it.engine
      .plan({ cluster: 'demo', kind: 'fake', spec, by })
      .catch((error: unknown) => error)) as Error & { details: { problems: unknown[] } }
    expect(refused.details.problems.length).toBeLessThanOrEqual(20)
    expect(refused.message.length).toBeLessThan(10_000)
  })

  it('expires after a quarter of an hour', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    it.clock.now = new Date('2030-01-01T00:15:01Z')
    expect(it.engine.getPlan(id)?.state).toBe('expired')
    await expect(it.engine.run(id, request(hash))).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('expired') as string,
    })
  })

  it.each([
    ['a wrong confirm', { confirm: 'Demo' }, 'wrong-confirm'],
    ['a wrong hash', { hash: 'x' }, 'wrong-hash'],
    ['no reason', { reason: '  ' }, 'invalid-spec'],
  ])('is not run with %s', async (_, more, code) => {
    const it = await world()
    const { id, hash } = await ready(it)
    await expect(it.engine.run(id, request(hash, more))).rejects.toMatchObject({ code })
    expect(it.engine.getOperation(id)).toBeUndefined()
    expect(it.state.worked).toEqual([])
  })

  it('that is stale is answered with a fresh one and the difference', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    it.state.fingerprint = 'f2'
    const refusal: unknown = await it.engine.run(id, request(hash)).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      code: 'stale',
      details: { freshPlan: { state: 'ready' }, difference: ['the nodes of the cluster have changed'] },
    })
    expect(it.engine.getPlan(id)).toMatchObject({ state: 'stale' })
    const fresh = (refusal as { details: { freshPlan: { id: string; hash: string } } }).details.freshPlan
    await it.engine.run(fresh.id, request(fresh.hash))
    expect((await ends(it.engine, fresh.id)).state).toBe('succeeded')
  })
})

describe('an idempotency key', () => {
  it('gives the same answer to the same request, and refuses another', async () => {
    const it = await world()
    const [first, second] = [await ready(it), await ready(it)]
    const withKey = (hash: string) => request(hash, { idempotencyKey: 'k' })
    await it.engine.run(first.id, withKey(first.hash))
    await ends(it.engine, first.id)
    expect(await it.engine.run(first.id, withKey(first.hash))).toMatchObject({
      id: first.id,
      state: 'succeeded',
    })
    expect(it.state.worked).toHaveLength(3)
    await expect(it.engine.run(second.id, withKey(second.hash))).rejects.toMatchObject({
      code: 'conflict',
      details: { operation: first.id },
    })
    for (const other of [{ reason: 'another' }, { override: ['share-of-keys'] }])
      await expect(it.engine.run(first.id, { ...withKey(first.hash), ...other })).rejects.toMatchObject({
        code: 'conflict',
        details: { operation: first.id },
      })
  })
})

describe('the same request at the same moment', () => {
  it('is run once and answered alike', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    const same = request(hash, { idempotencyKey: 'twice' })
    const answers = await Promise.all([it.engine.run(id, same), it.engine.run(id, same)])
    expect(answers.map((answer) => answer.id)).toEqual([id, id])
    await ends(it.engine, id)
    expect(it.state.worked).toEqual(['n1', 'n2', 'n3'])
  })
})
