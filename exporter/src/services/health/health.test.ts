import { describe, expect, it, vi } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import { hangAppends } from '../../../test/hanging-log.js'
import { MemoryLog } from '../../../test/memory-log.js'
import { saveFold } from '../../events/fold.js'
import { LogUnavailable } from '../../events/log.js'
import { Cluster } from '../../redis/cluster.js'
import type { NodeReading } from '../../redis/replies.js'
import { isHealthy } from './checks.js'
import { Health } from './health.js'
import { verdictFold } from './verdicts.js'

const cluster = new Cluster({ name: 'demo', seeds: [], link: {}, allow: [], nodeTimeoutMs: 1 })

function covered(slotsCovered: number): void {
  cluster.reading = {
    name: 'demo',
    nodes: [],
    viewsRead: 1,
    views: 1,
    slotsCovered,
    slotsMigrating: 0,
    failovers: 0,
    at: 0,
  }
}

let minute = 0
const health = (log?: MemoryLog) =>
  new Health({
    ...(log && { log: () => log }),
    nodeTimeoutMs: 1,
    now: () => new Date(Date.UTC(2030, 0, 1, 0, minute)),
  })
const told = async (log: MemoryLog) =>
  (await log.readStream('cluster/demo'))
    .map(({ data }) => data as { check: string; ok: boolean })
    .filter(({ check }) => check === 'slots_covered')
    .map(({ ok }) => ok)
const slots = (judge: Health) => judge.current('demo').find(({ name }) => name === 'slots_covered')

describe('Health', () => {
  it('tells a check when it changes for good, and not again after a restart', async () => {
    const log = new MemoryLog()
    let judge = health(log)
    covered(16384)
    await judge.observe(cluster)
    expect(await told(log)).toEqual([true])

    covered(10000)
    await judge.observe(cluster)
    expect(await told(log)).toEqual([true])
    covered(16384)
    await judge.observe(cluster) // it was only a blip
    covered(10000)
    await judge.observe(cluster)
    expect(await told(log)).toEqual([true])
    minute = 5
    await judge.observe(cluster)
    expect(await told(log)).toEqual([true, false])
    expect(slots(judge)).toMatchObject({
      ok: false,
      since: '2030-01-01T00:05:00.000Z',
      evidence: '10000 of 16384 slots are served',
    })
    expect(isHealthy(judge.current('demo'))).toBe(false)

    minute = 10
    judge = health(log)
    await judge.observe(cluster)
    expect(await told(log)).toEqual([true, false])
    expect(slots(judge)?.since).toBe('2030-01-01T00:05:00.000Z')
  })

  it('says since when it is as it shows it, also before that is told', async () => {
    minute = 30
    const judge = health(new MemoryLog())
    covered(16384)
    await judge.observe(cluster)
    minute = 40
    covered(10000)
    await judge.observe(cluster)
    expect(slots(judge)).toMatchObject({ ok: false, since: '2030-01-01T00:40:00.000Z' })
    minute = 41
    covered(16384)
    await judge.observe(cluster) // it was only a blip
    expect(slots(judge)).toMatchObject({ ok: true, since: '2030-01-01T00:30:00.000Z' })
  })

  it('goes on from a snapshot when the events before it are gone', async () => {
    const log = new MemoryLog()
    covered(10000)
    await health(log).observe(cluster)
    const since = `2030-01-01T00:${minute}:00.000Z`
    await saveFold(log, verdictFold)
    await log.trim('9999-01-01T00:00:00Z')
    minute = 20
    const judge = health(log)
    await judge.observe(cluster)
    expect(await told(log)).toEqual([])
    expect(slots(judge)).toMatchObject({ ok: false, since })
  })

  it('judges on while the log takes nothing, and tells later', async () => {
    const log = new MemoryLog()
    const judge = health(log)
    covered(10000)
    log.unavailable = 'disk full'
    await judge.observe(cluster)
    expect(slots(judge)?.ok).toBe(false)
    log.unavailable = undefined
    await judge.observe(cluster)
    expect(await told(log)).toEqual([false])
  })

  it('judges on while the log cannot even say who tells', async () => {
    const judge = new Health({
      log: () => new MemoryLog(),
      fence: () => Promise.reject(new LogUnavailable('connection refused')),
      nodeTimeoutMs: 1,
      now: () => new Date(Date.UTC(2030, 0, 1, 0, minute)),
    })
    minute = 25
    covered(10000)
    await judge.observe(cluster)
    minute = 26
    await judge.observe(cluster)
    expect(slots(judge)).toMatchObject({ ok: false, since: '2030-01-01T00:25:00.000Z' })
    covered(16384)
    await judge.observe(cluster)
    expect(slots(judge)).toMatchObject({ ok: true, since: '2030-01-01T00:26:00.000Z' })
  })

  it('judges on while the log hangs, and tells when it wakes up', async () => {
    const log = new MemoryLog()
    const judge = health(log)
    covered(16384)
    await judge.observe(cluster)
    covered(10000)
    await judge.observe(cluster)
    const { appending, wake } = hangAppends(log)
    const telling = judge.observe(cluster)
    await vi.waitFor(() => expect(appending).toHaveBeenCalledOnce(), 20_000)
    covered(16384)
    await judge.observe(cluster)
    expect(slots(judge)?.ok).toBe(true)
    expect(appending).toHaveBeenCalledOnce()
    wake()
    await telling
    await judge.observe(cluster)
    await judge.observe(cluster)
    expect(await told(log)).toEqual([true, false, true])
    expect(slots(judge)?.ok).toBe(true)
  })

  it.each<[string, { age: number; error?: string }, number]>([
    ['what was read lately is not', { age: 19 }, 0],
    ['what is older is', { age: 21 }, 1],
    ['what failed is, once for each judgement', { age: 1, error: 'refused' }, 2],
  ])('looks at nodes: %s read again', async (_, { age, error }, times) => {
    minute = 50
    covered(16384)
    const now = Date.UTC(2030, 0, 1, 0, minute) / 1000
    let reads = 0
    const readAt = (at: number): NodeReading => ({
      ...(error !== undefined && { error }),
      connectSeconds: 0,
      durationSeconds: 0,
      at,
    })
    const reader = {
      last: readAt(now - age),
      read: () => {
        reads++
        reader.last = readAt(now)
        return Promise.resolve(reader.last)
      },
    }
    const members = [{ node: nodeOf('a:1'), reader }]
    const judge = health()
    for (let time = 0; time < 2; time++)
      await judge.observe({ name: 'demo', reading: cluster.reading, members } as unknown as Cluster)
    expect(reads).toBe(times)
  })

  it('knows nothing of a cluster that was never read', () => {
    expect(health().current('other')).toEqual([])
  })
})
