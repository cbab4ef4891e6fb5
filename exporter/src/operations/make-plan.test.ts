import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { by, eventually, fakeKind, gate, ready, request, world } from '../../test/engine.js'
import { MemoryLog } from '../../test/memory-log.js'
import { Cancelled } from './kind.js'

const asked = { cluster: 'demo', kind: 'fake', spec: {}, by }
const typesOf = async (log: MemoryLog, id: string) =>
  (await log.readStream(`operation/${id}`)).map(({ type }) => type.slice('io.slotwise.'.length))

/** A process that only takes requests, and one that plans. */
async function twoProcesses() {
  const log = new MemoryLog()
  const api = await world(log, [fakeKind()], undefined, { operates: false })
  return { log, api, operator: await world(log) }
}

describe('a plan that takes long', () => {
  it('says how far it is, whichever process is asked, until it is made', async () => {
    const { log, api, operator } = await twoProcesses()
    const hold = gate()
    operator.state.look = async ({ progress, turn }) => {
      await turn!()
      progress!(1, 4)
      await hold.opened
    }
    const { id } = await api.engine.plan(asked)
    for (const { engine } of [api, operator])
      await eventually(() =>
        expect(engine.getPlan(id)).toMatchObject({ state: 'planning', progress: { done: 1, total: 4 } }),
      )
    hold.open()
    await eventually(() => expect(api.engine.getPlan(id)?.state).toBe('ready'))
    expect(api.engine.getPlan(id)).not.toHaveProperty('progress')
    expect(await typesOf(log, id)).toEqual(['plan.requested', 'plan.progressed', 'plan.ready'])
  })

  it('tells the log now and then only', async () => {
    const log = new MemoryLog()
    const it = await world(log, [fakeKind()], undefined, { planTellMs: 3_600_000 })
    it.state.look = ({ progress }) => {
      for (let done = 1; done <= 1000; done++) progress!(done, 1000)
      return Promise.resolve()
    }
    expect(await typesOf(log, (await ready(it)).id)).toEqual(['plan.requested', 'plan.ready'])
  })

  it('ends when somebody cancels it, also over another process, and says by whom', async () => {
    const { log, api, operator } = await twoProcesses()
    let ended: unknown
    operator.state.look = async ({ progress, turn }) => {
      progress!(1, 2)
      try {
        for (;;) {
          await turn!()
          await setImmediate()
        }
      } catch (error) {
        ended = error
        throw error
      }
    }
    const { id } = await api.engine.plan(asked)
    await eventually(() => expect(api.engine.getPlan(id)).toHaveProperty('progress'))
    const refused = [{ reason: 'cancelled by tester: wrong pattern', todo: 'plan again when it is wanted' }]
    const answer = await api.engine.cancelPlan(id, by, 'wrong pattern')
    expect(answer).toMatchObject({ state: 'refused', refused })
    expect(answer).not.toHaveProperty('progress')
    await eventually(() => expect(ended).toBeInstanceOf(Cancelled))
    expect(operator.engine.getPlan(id)).toMatchObject({ state: 'refused', refused })
    // What comes of another plan comes after whatever the ended one would have said.
    operator.state.look = () => Promise.resolve()
    await ready(operator)
    expect((await typesOf(log, id)).at(-1)).toBe('plan.cancelled')
    await expect(api.engine.cancelPlan(id, by, '')).rejects.toMatchObject({ code: 'wrong-state' })
  })
})

describe('a plan that is made', () => {
  it('is not cancelled any more, nor one that runs', async () => {
    const it = await world()
    const { id, hash } = await ready(it)
    const hold = gate()
    it.state.work = () => hold.opened
    const cancelled = () => it.engine.cancelPlan(id, by, '')
    await expect(cancelled()).rejects.toMatchObject({
      code: 'wrong-state',
      message: `plan ${id} is made already (ready): it touches nothing until it is run`,
    })
    await it.engine.run(id, request(hash))
    await expect(cancelled()).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('cancel its operation') as string,
    })
    hold.open()
    await expect(it.engine.cancelPlan('none', by, '')).rejects.toMatchObject({ code: 'unknown-plan' })
  })
})
