import { describe, expect, it, vi } from 'vitest'
import { MemoryLog } from '../../../test/memory-log.js'
import type { Fold } from '../../events/fold.js'
import { Retention, type RetentionOptions } from './retention.js'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-11-22T00:00:00Z')

const versions: Fold<number> = {
  name: 'versions',
  format: 1,
  stream: 'cluster/',
  initial: 0,
  apply: (_, { streamversion }) => streamversion,
}

/** A log with an event of each of the last ten days, the oldest first. */
async function tenDays(): Promise<MemoryLog> {
  const log = new MemoryLog()
  for (let day = 10; day >= 1; day--) {
    const time = new Date(NOW - day * DAY_MS).toISOString()
    const data = { id: String(day), instance: 'a:1' }
    await log.append([{ stream: 'cluster/a', events: [{ type: 'cluster.node-removed', time, data }] }])
  }
  return log
}

/** Once through. */
async function runOnce(log: MemoryLog, more: Partial<RetentionOptions> = {}) {
  const onTrimmed = vi.fn<RetentionOptions['onTrimmed']>()
  const onError = vi.fn<RetentionOptions['onError']>()
  const retention = new Retention({
    log,
    folds: [versions],
    kept: [],
    keepMs: 3 * DAY_MS,
    everyMs: DAY_MS,
    owner: 'me',
    now: () => new Date(NOW),
    onTrimmed,
    onError,
    ...more,
  })
  retention.start()
  await retention.stop()
  return { trimmed: onTrimmed.mock.calls.flat(), errors: onError.mock.calls.flat() }
}
const clusterEvents = async (log: MemoryLog) => (await log.read({ stream: 'cluster/' })).events

describe('Retention', () => {
  it('keeps snapshots of the folds, then removes what is too old', async () => {
    const log = await tenDays()
    expect(await runOnce(log)).toEqual({ trimmed: [{ events: 7, through: '7' }], errors: [] })
    expect((await clusterEvents(log)).map(({ streamversion }) => streamversion)).toEqual([8, 9, 10])
    expect(await log.loadSnapshot('versions', 1)).toEqual({ position: '10', state: 10 })
    expect((await log.verify()).ok).toBe(true)
    expect(await runOnce(log)).toEqual({ trimmed: [], errors: [] })
  })

  it('removes old events in pieces, not one by one', async () => {
    const log = await tenDays()
    const at = (days: number) => ({ keepMs: 60 * DAY_MS, now: () => new Date(NOW + days * DAY_MS) })
    const counts: number[] = []
    for (const days of [52, 52.5, 53, 53.5, 54])
      counts.push(...(await runOnce(log, at(days))).trimmed.map(({ events }) => events))
    expect(counts).toHaveLength(2)
    expect((await log.verify()).ok).toBe(true)
  })

  it('removes nothing while a fold has no snapshot that others keep', async () => {
    const log = await tenDays()
    const fold = { name: 'operations', format: 2 }
    await log.saveSnapshot('operations', 1, { position: '10', state: {} })
    const cannot = { ...fold, save: () => Promise.resolve() }
    expect((await runOnce(log, { kept: [cannot] })).trimmed).toEqual([])
    const save = () => log.saveSnapshot('operations', 2, { position: '5', state: {} })
    expect((await runOnce(log, { kept: [{ ...fold, save }] })).trimmed).toEqual([{ events: 5, through: '5' }])
  })

  it('keeps everything, and snapshots, when events are kept for ever', async () => {
    const log = await tenDays()
    await runOnce(log, { keepMs: 0 })
    expect(await clusterEvents(log)).toHaveLength(10)
    expect(await log.loadSnapshot('versions', 1)).toEqual({ position: '10', state: 10 })
  })

  it('leaves it to the process that does it already', async () => {
    const log = await tenDays()
    await log.acquire('retention', 'you', DAY_MS)
    expect(await runOnce(log)).toEqual({ trimmed: [], errors: [] })
    await log.release({ lease: 'retention', token: 1 })
    expect((await runOnce(log)).trimmed).toHaveLength(1)
    expect(await log.leases()).toEqual([])
  })

  it('tells what goes wrong, and goes on later', async () => {
    const log = await tenDays()
    log.unavailable = 'disk full'
    expect((await runOnce(log)).errors).toMatchObject([{ name: 'LogUnavailable', message: 'disk full' }])
    log.unavailable = undefined
    expect((await runOnce(log)).trimmed).toHaveLength(1)
  })
})
