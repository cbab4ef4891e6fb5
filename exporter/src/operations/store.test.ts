import { afterEach, describe, expect, it, vi } from 'vitest'
import { begins, by, ends, fakeKind, gate, ready, request, world, type World } from '../../test/engine.js'
import { MemoryLog } from '../../test/memory-log.js'
import { LogUnavailable, type ReadOptions, type StreamAppend } from '../events/log.js'
import type { RunContext } from './kind.js'
import { OPERATIONS_FOLD } from './store.js'
import type { NodeProgress } from '../contract/operations.js'

const soon = { timeout: 20_000 }

/** A kind that counts a key a node. */
const counting = () =>
  fakeKind({
    run: async (_, context) => {
      const nodes = ['n1', 'n2'].map((node): NodeProgress => ({
        node,
        outcome: 'done',
        note: '',
        counts: { written: 5 },
      }))
      await context.checkpoint(nodes)
      return { state: 'succeeded', summary: 'counted' }
    },
  })

/** A log of which a test can see what was read, and lose answers. */
class Watched extends MemoryLog {
  constructor(readonly clock = { now: new Date('2030-01-01T00:00:00Z') }) {
    super({ now: () => this.clock.now })
  }

  readonly reads: ReadOptions[] = []
  loseAnswer = false
  deaf = false

  override async append(appends: readonly StreamAppend[], fence?: Parameters<MemoryLog['append']>[1]) {
    const stored = await super.append(appends, fence)
    if (this.loseAnswer) {
      this.loseAnswer = false
      throw new LogUnavailable('connection lost')
    }
    return stored
  }

  override read(options: ReadOptions = {}) {
    this.reads.push(options)
    if (this.deaf) return Promise.reject(new LogUnavailable('connection lost'))
    return super.read(options)
  }
}

describe('the state of operations', () => {
  it('is started from a snapshot, and reads only what came after it', async () => {
    const log = new Watched()
    const first = await world(log, [counting()], log.clock)
    const { id, hash } = await ready(first)
    await first.engine.run(id, request(hash))
    const told = await ends(first.engine, id)
    await first.engine.stop()
    const head = await log.head()
    log.reads.length = 0
    const second = await world(log, [counting()], log.clock)
    expect(log.reads[0]).toMatchObject({ after: head })
    expect(second.engine.getOperation(id)).toEqual(told)
    expect(second.engine.getPlan(id)).toEqual(first.engine.getPlan(id))
    expect(second.engine.countsOf('demo', 'fake')).toEqual({ written: 10 })
    const next = await ready(second)
    await second.engine.run(next.id, request(next.hash))
    expect((await ends(second.engine, next.id)).state).toBe('succeeded')
    expect((await log.verify()).ok).toBe(true)
  })

  it('that is in the middle goes on from a snapshot', async () => {
    const log = new Watched()
    const first = await world(log)
    const hold = gate()
    first.state.work = (node) => (node === 'n2' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(first)
    await first.engine.run(id, request(hash))
    await begins(first, 'n2')
    await first.engine.pause(id, by, 'lunch')
    const stopping = first.engine.stop()
    hold.open()
    await stopping
    const second = await world(log)
    const other = await ready(second)
    await expect(second.engine.run(other.id, request(other.hash))).rejects.toMatchObject({ code: 'conflict' })
    await second.engine.resume(id, by, 'back')
    expect(await ends(second.engine, id)).toMatchObject({ state: 'succeeded', progress: { done: 3 } })
    expect(second.state.begun).toEqual(['n3'])
  })

  it('lets go of a plan that was not run, after a day, and not of what was', async () => {
    const log = new Watched()
    const it = await world(log, [counting()], log.clock)
    const [left, taken] = [await ready(it), await ready(it)]
    await it.engine.run(taken.id, request(taken.hash))
    await ends(it.engine, taken.id)
    log.clock.now = new Date('2030-01-01T23:00:00Z')
    await it.engine.saveSnapshot()
    expect(it.engine.getPlan(left.id)?.state).toBe('expired')
    log.clock.now = new Date('2030-01-02T01:00:00Z')
    await it.engine.saveSnapshot()
    expect(it.engine.getPlan(left.id)).toBeUndefined()
    expect(it.engine.getOperation(taken.id)?.state).toBe('succeeded')
    await expect(it.engine.run(left.id, request(left.hash))).rejects.toMatchObject({ code: 'unknown-plan' })
  })

  it('lets go of what is older than the retention, but not of what it counted', async () => {
    const log = new Watched()
    const first = await world(log, [counting()], log.clock, { retentionMs: 60_000 })
    const { id, hash } = await ready(first)
    await first.engine.run(id, request(hash))
    await ends(first.engine, id)
    log.clock.now = new Date(log.clock.now.getTime() + 61_000)
    await first.engine.stop()
    const second = await world(log, [counting()], log.clock, { retentionMs: 60_000 })
    expect(second.engine.listOperations()).toEqual([])
    expect(second.engine.countsOf('demo', 'fake')).toEqual({ written: 10 })
  })

  it('has an event once, though the answer to its append was lost', async () => {
    const log = new Watched()
    const it = await world(log)
    const hold = gate()
    it.state.work = (node) => (node === 'n1' ? hold.opened : Promise.resolve())
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await begins(it)
    log.loseAnswer = true
    hold.open()
    expect((await ends(it.engine, id)).state).toBe('succeeded')
    const types = (await log.readStream(`operation/${id}`)).map(({ type }) => type)
    expect(types.filter((type) => type.endsWith('progressed'))).toHaveLength(3)
  })

  it('has a checkpoint as it was made, and once, though the run counts on until it is kept', async () => {
    const log = new Watched()
    const fake = fakeKind({
      run: async (_, context) => {
        const counts = { written: 5 }
        log.loseAnswer = true
        const kept = context.checkpoint([{ node: 'n1', outcome: 'working', note: '', counts }], { counts })
        counts.written = 6
        await kept
        return { state: 'succeeded', summary: 'counted' }
      },
    })
    const it = await world(log, [fake])
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await ends(it.engine, id)
    const checkpoints = (await log.readStream(`operation/${id}`)).filter(({ type }) =>
      type.endsWith('progressed'),
    )
    expect(checkpoints.map(({ data }) => data)).toEqual([
      {
        nodes: [{ node: 'n1', outcome: 'working', note: '', counts: { written: 5 } }],
        checkpoint: { counts: { written: 5 } },
      },
    ])
  })

  it('follows on, without a gap, when the log could not be read for a while', async () => {
    const log = new Watched()
    const [writer, reader] = [
      await world(log),
      await world(log, [fakeKind()], undefined, { operates: false }),
    ]
    await vi.waitFor(() => expect(log.reads.length).toBeGreaterThan(2), soon)
    log.deaf = true
    const refused = log.reads.length
    const { id } = await writer.engine.plan({ cluster: 'demo', kind: 'fake', spec: {}, by })
    await vi.waitFor(() => expect(log.reads.length).toBeGreaterThan(refused + 2), soon)
    log.deaf = false
    await vi.waitFor(() => expect(reader.engine.getPlan(id)?.state).toBe('ready'), soon)
  })
})

/** The same log for a process that gets none of its events for a while. */
function heldBack<L extends MemoryLog>(log: L, held: { on: boolean }): L {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'follow')
        return async function* (...[after, signal]: Parameters<MemoryLog['follow']>) {
          for await (const event of target.follow(after, signal)) {
            if (held.on) throw new LogUnavailable('connection lost')
            yield event
          }
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

it('what a process did not see before it was trimmed, the snapshot of another tells it', async () => {
  const log = new Watched()
  const held = { on: false }
  const writer = await world(log)
  const reader = await world(heldBack(log, held), [fakeKind()], undefined, { operates: false })
  await ready(writer)
  held.on = true
  const { id } = await ready(writer)
  await vi.waitFor(async () => {
    await writer.engine.saveSnapshot()
    const { name, format } = OPERATIONS_FOLD
    expect((await log.loadSnapshot(name, format))?.position).toBe(await log.head())
  }, soon)
  expect((await log.trim('9999-01-01T00:00:00Z')).events).toBeGreaterThan(2)
  expect(reader.engine.getPlan(id)).toBeUndefined()
  held.on = false
  await vi.waitFor(() => expect(reader.engine.getPlan(id)?.state).toBe('ready'), soon)
})

describe('many pieces that wait together', () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  afterEach(() => process.off('warning', note))

  it.each([
    [
      'a person holds them',
      ({ engine }: World, id: string) => engine.pause(id, by, 'lunch'),
      ({ engine }: World, id: string) => engine.resume(id, by, 'back'),
    ],
    [
      'somebody froze everything and said no more',
      ({ log }: World) => log.append([freezing(true)]),
      ({ log }: World) => log.append([freezing(false)]),
    ],
  ])('make no warning of a leak where %s', async (_, hold, release) => {
    process.on('warning', note)
    const [begun, waiting] = [gate(), { count: 0 }]
    const turns = async (context: RunContext) => {
      waiting.count++
      await context.turn()
    }
    const fake = fakeKind({
      run: async (_spec, context) => {
        await begun.opened
        await Promise.all(Array.from({ length: 60 }, () => turns(context)))
        return { state: 'succeeded', summary: 'all' }
      },
    })
    const it = await world(undefined, [fake])
    const { id, hash } = await ready(it)
    await it.engine.run(id, request(hash))
    await hold(it, id)
    await vi.waitFor(() =>
      expect(it.engine.getOperation(id)?.state === 'paused' || it.engine.frozen.on).toBe(true),
    )
    begun.open()
    await vi.waitFor(() => expect(waiting.count).toBe(60), soon)
    await release(it, id)
    await ends(it.engine, id)
    expect(warnings).toEqual([])
  })
})

function freezing(on: boolean): StreamAppend {
  return { stream: 'control', events: [{ type: 'freeze.changed', data: { on, reason: 'x', by } }] }
}
