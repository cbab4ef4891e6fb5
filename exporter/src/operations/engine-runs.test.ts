import { describe, expect, it, vi } from 'vitest'
import { begins, by, ends, eventually, gate, ready, request, world } from '../../test/engine.js'
import { LogUnavailable } from '../events/log.js'

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
        timeline: expect.arrayContaining([
          expect.objectContaining({ text: 'paused by a freeze' }),
        ]) as unknown,
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

  it('is frozen since the first freeze, for its reason, however many come after it', async () => {
    const it = await world()
    const second = { token: 'second' }
    await it.engine.freeze(true, 'incident 7', by)
    const first = it.engine.frozen
    it.clock.now = new Date(it.clock.now.getTime() + 60_000)
    expect(await it.engine.freeze(true, 'me too', second)).toEqual(first)
    expect(first).toMatchObject({ on: true, reason: 'incident 7', by })
    const said = (await it.log.readStream('control')).map(({ data }) => data)
    expect(said).toMatchObject([{ reason: 'incident 7' }, { reason: 'me too', by: second }])
    await it.engine.freeze(false, 'over', by)
    expect(await it.engine.freeze(true, 'incident 8', second)).toMatchObject({
      reason: 'incident 8',
      by: second,
    })
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

  it.each([
    [false, /^the event log takes nothing, so nothing is done: disk full/],
    [true, /^the event log gave no answer, so it is not known whether this is done: .*: disk full/],
  ])('that the log did not take says what became of it (not known: %s)', async (unknown, message) => {
    const it = await world()
    const { id, hash } = await ready(it)
    vi.spyOn(it.log, 'append').mockRejectedValueOnce(new LogUnavailable('disk full', unknown))
    await expect(it.engine.run(id, request(hash))).rejects.toThrow(message)
    await it.engine.run(id, request(hash))
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
