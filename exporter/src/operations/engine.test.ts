import { describe, expect, it } from 'vitest'
import { begins, by, ends, eventually, gate, ready, request, world } from '../../test/engine.js'
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

describe('an operation', () => {
  it('keeps another of its kind off its cluster, and not off another cluster', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = () => hold.opened
    const [first, second, elsewhere] = [await ready(it), await ready(it), await ready(it, 'other')]
    await it.engine.run(first.id, request(first.hash))
    await expect(it.engine.run(second.id, request(second.hash))).rejects.toMatchObject({
      code: 'conflict',
      details: { operation: first.id },
    })
    await it.engine.run(elsewhere.id, request(elsewhere.hash, { confirm: 'other' }))
    hold.open()
    await ends(it.engine, first.id)
    await ends(it.engine, elsewhere.id)
    await it.engine.run(second.id, request(second.hash))
    expect((await ends(it.engine, second.id)).state).toBe('succeeded')
  })

  it('runs once however many ask at the same moment', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => it.engine.run(id, request(hash))),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await ends(it.engine, id)
    expect(it.state.worked).toEqual(['n1', 'n2', 'n3'])
  })

  it('pauses, goes on, and does nothing meanwhile', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await begins(it)
    await it.engine.pause(id, by, 'lunch')
    hold.open()
    await eventually(() =>
      expect(it.engine.getOperation(id)).toMatchObject({ state: 'paused', progress: { done: 1 } }),
    )
    await expect(it.engine.pause(id, by, 'again')).rejects.toMatchObject({ code: 'wrong-state' })
    await it.engine.resume(id, by, 'back')
    expect((await ends(it.engine, id)).state).toBe('succeeded')
  })

  it('stops at a freeze, and nothing new starts until it ends', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    const next = await ready(it, 'other')
    await it.engine.run(id, request(hash))
    await begins(it)
    await it.engine.freeze(true, 'incident', by)
    hold.open()
    await eventually(() =>
      expect(it.engine.getOperation(id)).toMatchObject({
        state: 'paused',
        gates: [
          expect.stringMatching(
            /^frozen by \S+ since \S+ \S+Z: incident; slotwise unfreeze ends that/,
          ) as string,
        ],
      }),
    )
    await expect(it.engine.run(next.id, request(next.hash, { confirm: 'other' }))).rejects.toMatchObject({
      code: 'frozen',
      message: expect.stringMatching(
        /^operations are frozen by .+: incident; slotwise unfreeze ends/,
      ) as string,
    })
    await expect(it.engine.resume(id, by, 'x')).rejects.toMatchObject({ code: 'frozen' })
    await it.engine.freeze(false, 'over', by)
    expect(it.engine.getOperation(id)).toMatchObject({
      state: 'paused',
      gates: ['paused by a freeze that has ended; resume it'],
    })
    await it.engine.resume(id, by, 'over')
    expect((await ends(it.engine, id)).state).toBe('succeeded')
  })

  it('takes no command after its end, and its end is final whatever the log holds', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await ends(it.engine, id)
    for (const command of [
      it.engine.pause(id, by, 'x'),
      it.engine.cancel(id, by, 'x'),
      it.engine.resume(id, by, 'x'),
    ]) {
      await expect(command).rejects.toMatchObject({ code: 'wrong-state', details: { state: 'succeeded' } })
    }
    // As an earlier version may have left it.
    await it.log.append([
      { stream: `operation/${id}`, events: [{ type: 'operation.resumed', data: { reason: 'late' } }] },
    ])
    it.state.worked.length = 0
    const { engine } = await it.restart()
    expect(engine.getOperation(id)?.state).toBe('succeeded')
    expect(it.state.worked).toEqual([])
  })

  it('is never paused after its end, however many ask at that moment', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n3' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await begins(it, 'n3')
    hold.open()
    const pauses: Promise<unknown>[] = []
    for (let i = 0; i < 100; i++) {
      pauses.push(it.engine.pause(id, by, 'x').then(() => it.engine.resume(id, by, 'x')))
      await Promise.resolve()
    }
    await Promise.allSettled(pauses)
    expect((await ends(it.engine, id)).state).toBe('succeeded')
    const types = (await it.log.readStream(`operation/${id}`)).map(({ type }) => type)
    expect(types.at(-1)).toBe('io.slotwise.operation.ended')
  })

  it('does not start when a freeze came while its plan was looked at again', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    const hold = gate()
    it.state.look = () => hold.opened
    const running = it.engine.run(id, request(hash))
    await it.engine.freeze(true, 'incident', by)
    hold.open()
    await expect(running).rejects.toMatchObject({ code: 'frozen' })
    expect(it.engine.getOperation(id)).toBeUndefined()
  })

  it('that was being taken back when it was killed is taken back, not run', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n2' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await eventually(() => expect(it.engine.getOperation(id)?.progress.done).toBe(1))
    await it.log.append([
      { stream: `operation/${id}`, events: [{ type: 'operation.undoing', data: { reason: 'n2 refused' } }] },
    ])
    it.state.work = () => Promise.resolve()
    it.state.worked.length = 0
    const { engine } = await it.restart()
    expect(await ends(engine, id)).toMatchObject({ state: 'undone', summary: 'n2 refused' })
    expect(it.state.worked).toEqual([])
  })

  it('goes on after a kill from its last checkpoint', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n2' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await eventually(() => expect(it.engine.getOperation(id)?.progress.done).toBe(1))
    it.state.work = () => Promise.resolve()
    it.state.worked.length = 0
    const { engine, log } = await it.restart() // the first engine is left hanging at n2, as a killed one would be
    expect(await ends(engine, id)).toMatchObject({ state: 'succeeded', progress: { done: 3 } })
    expect(it.state.worked).toEqual(['n2', 'n3'])
    expect((await log.verify()).ok).toBe(true)
  })

  it('waits while the log takes nothing, says so, and goes on when it does', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await begins(it)
    it.log.unavailable = 'no space left on device'
    hold.open()
    await eventually(() =>
      expect(it.engine.getOperation(id)).toMatchObject({
        state: 'paused',
        gates: [expect.stringContaining('no space left') as string],
      }),
    )
    expect(it.state.worked).toEqual(['n1'])
    await expect(it.engine.plan({ cluster: 'demo', kind: 'fake', spec: {}, by })).rejects.toMatchObject({
      code: 'log-unavailable',
    })
    it.log.unavailable = undefined
    expect((await ends(it.engine, id)).state).toBe('succeeded')
  })

  it('that fails unforeseen says so and asks for attention', async () => {
    const it = await world()
    it.state.work = () => Promise.reject(new Error('the sky fell'))
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    expect(await ends(it.engine, id)).toMatchObject({
      state: 'needs-attention',
      summary: expect.stringContaining('the sky fell') as string,
    })
  })

  it('leaves a run where it is when the process ends', async () => {
    const it = await world()
    const hold = gate()
    it.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await begins(it)
    const stopped = it.engine.stop()
    hold.open()
    await stopped
    expect(it.state.worked).toEqual(['n1'])
    expect(it.engine.getOperation(id)?.state).toBe('running')
    const { engine } = await it.restart()
    expect((await ends(engine, id)).state).toBe('succeeded')
  })
})
