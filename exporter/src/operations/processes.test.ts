import { describe, expect, it, vi } from 'vitest'
import { begins, by, ends, fakeKind, gate, ready, request, world, type World } from '../../test/engine.js'
import { MemoryLog } from '../../test/memory-log.js'
import type { EventData } from '../contract/events.js'
import { LogUnavailable } from '../events/log.js'
import { OwnershipLost, type Kind, type RunContext } from './kind.js'

const soon = { timeout: 20_000 }

/** Processes on one log, whose clocks are moved by hand: the log's, and those by which leases run out. */
function machine() {
  const clock = { now: new Date('2030-01-01T00:00:00Z') }
  const log = new MemoryLog({ now: () => clock.now })
  const lease = { now: () => clock.now.getTime() }
  return {
    log,
    pass: (ms: number) => (clock.now = new Date(clock.now.getTime() + ms)),
    process: (operates = true, kinds = [fakeKind()]) => world(log, kinds, clock, { operates, lease }),
  }
}

const typesOf = async (log: MemoryLog, id: string) =>
  (await log.readStream(`operation/${id}`)).map(({ type }) =>
    type.replace(/^io\.slotwise\.(operation\.)?/, ''),
  )

const takenUp = async (log: MemoryLog, id: string) =>
  (await log.readStream(`operation/${id}`))
    .filter(({ type }) => type === 'io.slotwise.operation.taken-up')
    .map(({ data }) => data as EventData<'operation.taken-up'>)

async function planned({ engine }: World, cluster = 'demo', kind = 'fake') {
  return ready({ engine } as World, cluster, kind)
}

describe('a process that takes requests and one that operates', () => {
  it('are one to whoever asks: plan, run, pause, resume and the end', async () => {
    const { process, log } = machine()
    const [api, operator] = [await process(false), await process()]
    const hold = gate()
    operator.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const { id, hash } = await planned(api)
    expect(await api.engine.run(id, request(hash))).toMatchObject({ state: 'running' })
    await begins(operator)
    await api.engine.pause(id, by, 'lunch')
    hold.open()
    await vi.waitFor(
      () => expect(api.engine.getOperation(id)).toMatchObject({ state: 'paused', progress: { done: 1 } }),
      soon,
    )
    expect(operator.state.begun).toEqual(['n1'])
    await api.engine.resume(id, by, 'back')
    expect(await ends(api.engine, id)).toMatchObject({ state: 'succeeded', progress: { done: 3 } })
    expect(api.state.begun).toEqual([])
    const types = await typesOf(log, id)
    expect(types.filter((type) => type === 'progressed')).toHaveLength(3)
    expect(types).not.toContain('taken-up')
  })

  it('pass on a cancel', async () => {
    const { process } = machine()
    const [api, operator] = [await process(false), await process()]
    const hold = gate()
    operator.state.work = () => hold.opened
    const { id, hash } = await planned(api)
    await api.engine.run(id, request(hash))
    await begins(operator)
    await api.engine.cancel(id, by, 'wrong')
    hold.open()
    await ends(api.engine, id)
    expect(operator.state.begun).toEqual(['n1'])
  })

  it('freeze for each other, and pause what runs once however many freeze at that moment', async () => {
    const { process, log } = machine()
    const [api, operator] = [await process(false), await process()]
    const hold = gate()
    operator.state.work = () => hold.opened
    const { id, hash } = await planned(api)
    const next = await planned(api, 'other')
    await api.engine.run(id, request(hash))
    await begins(operator)
    await Promise.all([api, operator].map(({ engine }) => engine.freeze(true, 'incident', by)))
    hold.open()
    for (const { engine } of [api, operator]) {
      const running = engine.run(next.id, request(next.hash, { confirm: 'other' }))
      await expect(running).rejects.toMatchObject({ code: 'frozen' })
      await vi.waitFor(
        () =>
          expect(engine.getOperation(id)).toMatchObject({ gates: [expect.stringMatching(/^frozen by /)] }),
        soon,
      )
    }
    expect((await typesOf(log, id)).filter((type) => type === 'paused')).toHaveLength(1)
  })

  it('does not start what another has frozen a moment ago, however far it follows the log', async () => {
    const { process, log } = machine()
    const [api, deaf] = [await process(), await process(false)]
    const { id, hash } = await planned(api)
    await vi.waitFor(() => expect(deaf.engine.getPlan(id)?.state).toBe('ready'), soon)
    const running = deaf.engine.run(id, request(hash))
    await log.append([
      { stream: 'control', events: [{ type: 'freeze.changed', data: { on: true, reason: 'x', by } }] },
    ])
    await expect(running).rejects.toMatchObject({ code: 'frozen' })
    expect(await typesOf(log, id)).not.toContain('requested')
  })
})

describe('two processes that take requests', () => {
  it('let one of two runs of a kind have the cluster', async () => {
    const { process } = machine()
    const [one, other] = [await process(), await process(false)]
    const hold = gate()
    one.state.work = () => hold.opened
    const plans = [await planned(one), await planned(one)]
    await vi.waitFor(() => expect(other.engine.getPlan(plans[1]!.id)?.state).toBe('ready'), soon)
    const answers = await Promise.allSettled(
      [one, other].map(({ engine }, i) => engine.run(plans[i]!.id, request(plans[i]!.hash))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = answers.find((answer) => answer.status === 'rejected')!
    expect(refused.reason).toMatchObject({ code: 'conflict' })
    hold.open()
  })

  it('let both of two runs of different kinds start, at the same moment', async () => {
    const { process } = machine()
    const [a, b] = [fakeKind(), fakeKind()]
    const kinds = [a, { ...b, kind: { ...b.kind, name: 'other' } }]
    const [one, other] = [await process(true, kinds), await process(false, kinds)]
    const plans = [await planned(one), await planned(one, 'demo', 'other')]
    await vi.waitFor(() => expect(other.engine.getPlan(plans[1]!.id)?.state).toBe('ready'), soon)
    await Promise.all([one, other].map(({ engine }, i) => engine.run(plans[i]!.id, request(plans[i]!.hash))))
    for (const { id } of plans) expect((await ends(other.engine, id)).state).toBe('succeeded')
  })

  it('run a plan once', async () => {
    const { process, log } = machine()
    const [one, other] = [await process(), await process(false)]
    const { id, hash } = await planned(one)
    await vi.waitFor(() => expect(other.engine.getPlan(id)?.state).toBe('ready'), soon)
    const answers = await Promise.allSettled([one, other].map(({ engine }) => engine.run(id, request(hash))))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await ends(other.engine, id)
    expect((await typesOf(log, id)).filter((type) => type === 'requested')).toHaveLength(1)
  })
})

describe('an operator for which the log cannot be asked', () => {
  it('says so of a run that another has until it can, and of no run that is over', async () => {
    const { process, log } = machine()
    const owner = await process()
    const hold = gate()
    owner.state.work = () => hold.opened
    const over = await planned(owner, 'other')
    await owner.engine.run(over.id, request(over.hash, { confirm: 'other' }))
    await begins(owner)
    const standby = await process()
    const cutOff = () => vi.spyOn(log, 'leases').mockRejectedValue(new LogUnavailable('no route'))
    const shows = (state: string, gates: unknown[]) =>
      vi.waitFor(() => expect(standby.engine.getOperation(over.id)).toMatchObject({ state, gates }), soon)
    const hindered = [expect.stringContaining('does not answer: no route')]
    const once = cutOff()
    await shows('paused', hindered)
    once.mockRestore()
    await shows('running', [])
    cutOff()
    await shows('paused', hindered)
    hold.open()
    await shows('succeeded', [])
  })
})

describe('an operator that is stopped in the middle', () => {
  /** A kind that says when it may no longer write. */
  function honest() {
    const contexts: RunContext[] = []
    const fake = fakeKind()
    const run: Kind['run'] = (spec, context) => {
      contexts.push(context)
      return fake.kind.run(spec, context)
    }
    return { contexts, fake: { ...fake, kind: { ...fake.kind, run } } }
  }

  it('is followed by another when its lease has run out, and neither writes nor appends when it wakes', async () => {
    const { process, log, pass } = machine()
    const [first, second] = [honest(), honest()]
    const owner = await process(true, [first.fake])
    const hold = gate()
    owner.state.work = (node) => (node === 'n2' ? hold.opened : Promise.resolve())
    const { id, hash } = await planned(owner)
    await owner.engine.run(id, request(hash))
    await begins(owner, 'n2')
    const next = await process(true, [second.fake])
    expect(next.engine.getOperation(id)).toMatchObject({ state: 'running', progress: { done: 1 } })
    expect(() => first.contexts[0]!.mustOwn()).not.toThrow()
    pass(8000) // its own time is over a little before that of the lease
    expect(() => first.contexts[0]!.mustOwn()).toThrow(OwnershipLost)
    expect(next.state.begun).toEqual([])
    pass(2000)
    expect(await ends(next.engine, id)).toMatchObject({ state: 'succeeded', progress: { done: 3 } })
    expect(next.state.begun).toEqual(['n2', 'n3'])
    const before = await typesOf(log, id)
    hold.open()
    await vi.waitFor(() => expect(owner.state.worked).toEqual(['n1', 'n2']), soon)
    await owner.engine.stop()
    expect(owner.state.begun).toEqual(['n1', 'n2'])
    expect(await typesOf(log, id)).toEqual(before)
    expect(before.slice(-6)).toEqual([
      'progressed',
      'taken-up',
      'progressed',
      'progressed',
      'verifying',
      'ended',
    ])
    const [names, more] = await takenUp(log, id)
    expect(names).toEqual({
      process: expect.stringMatching(/^process /) as string,
      from: expect.stringMatching(/^process /) as string,
    })
    expect(names!.from).not.toBe(names!.process)
    expect(more).toBeUndefined()
    const told = next.engine.getOperation(id)!.timeline.find(({ type }) => type === 'operation.taken-up')
    expect(told!.text).toBe(
      `taken up again after the exporter had stopped, by ${names!.process} from ${names!.from}`,
    )
    expect(first.contexts[0]!.connectionName).toBe(`slotwise/${id}/1`)
    expect(second.contexts[0]!.connectionName).toBe(`slotwise/${id}/2`)
  })

  it('gets no new connection confirmed once another has the lease, whatever its own clock says', async () => {
    const { process, log } = machine()
    const fake = honest()
    const owner = await process(true, [fake.fake])
    const hold = gate()
    owner.state.work = () => hold.opened
    const { id, hash } = await planned(owner)
    await owner.engine.run(id, request(hash))
    await begins(owner)
    const [context] = fake.contexts
    await context!.confirmOwn()
    const [lease] = (await log.leases()).filter((one) => one.lease === `operation/${id}`)
    await log.release(lease!)
    await log.acquire(`operation/${id}`, 'somebody else', 60_000)
    expect(() => context!.mustOwn()).not.toThrow()
    await expect(context!.confirmOwn()).rejects.toThrow(OwnershipLost)
    expect(() => context!.mustOwn()).toThrow(OwnershipLost)
    hold.open()
    await owner.engine.stop()
    expect(owner.state.begun).toEqual(['n1'])
  })

  it('cannot append under a lease that another has by now, whatever its own clock says', async () => {
    const { process, log } = machine()
    const owner = await process()
    const hold = gate()
    owner.state.work = () => hold.opened
    const { id, hash } = await planned(owner)
    await owner.engine.run(id, request(hash))
    await begins(owner)
    const [lease] = (await log.leases()).filter((one) => one.lease === `operation/${id}`)
    await log.release(lease!)
    await log.acquire(`operation/${id}`, 'somebody else', 60_000)
    const before = await typesOf(log, id)
    hold.open()
    await vi.waitFor(() => expect(owner.state.worked).toEqual(['n1']), soon)
    await owner.engine.stop()
    expect(await typesOf(log, id)).toEqual(before)
    expect(owner.state.begun).toEqual(['n1'])
  })

  it('is followed at once when it ends by itself', async () => {
    const { process, log } = machine()
    const owner = await process()
    const hold = gate()
    owner.state.work = (node) => (node === 'n2' ? hold.opened : Promise.resolve())
    const { id, hash } = await planned(owner)
    await owner.engine.run(id, request(hash))
    await begins(owner, 'n2')
    const next = await process()
    const stopping = owner.engine.stop()
    hold.open()
    await stopping
    expect(await ends(next.engine, id)).toMatchObject({ state: 'succeeded' })
    expect(next.state.begun).toEqual(['n3'])
    expect(await takenUp(log, id)).toMatchObject([{ process: expect.stringMatching(/^process /) as string }])
  })

  it('in the middle of planning is followed, too, and the plan is told once', async () => {
    const { process, log, pass } = machine()
    const planner = await process()
    const hold = gate()
    const looked = { times: 0 }
    planner.state.look = () => {
      looked.times++
      return hold.opened
    }
    const { id } = await planner.engine.plan({ cluster: 'demo', kind: 'fake', spec: {}, by })
    await vi.waitFor(() => expect(looked.times).toBe(1), soon)
    const next = await process()
    pass(10_000)
    await vi.waitFor(() => expect(next.engine.getPlan(id)?.state).toBe('ready'), soon)
    hold.open()
    await vi.waitFor(() => expect(planner.engine.getPlan(id)?.state).toBe('ready'), soon)
    await planner.engine.stop()
    expect(await typesOf(log, id)).toEqual(['plan.requested', 'plan.ready'])
  })
})

describe('nodes that had not answered', () => {
  it('are looked at again by one process', async () => {
    const { process, log } = machine()
    const silent = () => {
      const looks: string[] = []
      const kind = fakeKind({
        run: async (_, context) => {
          await context.checkpoint([{ node: 'n1', outcome: 'unknown', note: 'silent' }])
          return { state: 'needs-attention', summary: 'n1 is silent' }
        },
        reconcile: (_, node) => {
          looks.push(node.node)
          const progress = { node: 'n1', outcome: 'done' as const, note: 'back' }
          return Promise.resolve({ progress, found: [], done: 'looked', settled: false })
        },
      })
      return { looks, kind }
    }
    const fakes = [silent(), silent()]
    const processes = [await process(true, [fakes[0]!.kind]), await process(true, [fakes[1]!.kind])]
    const { id, hash } = await planned(processes[0]!)
    await processes[0]!.engine.run(id, request(hash))
    for (const { engine } of processes) await ends(engine, id)
    await Promise.all(processes.map(({ engine }) => engine.reconcile()))
    expect(fakes.map(({ looks }) => looks.length).sort()).toEqual([0, 1])
    expect((await typesOf(log, id)).filter((type) => type === 'reconciled')).toHaveLength(1)
  })
})
