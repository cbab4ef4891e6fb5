import { expect, it } from 'vitest'
import { MemoryLog } from '../../../test/memory-log.js'
import { Candidate } from '../../events/held-lease.js'
import { Cluster } from '../../redis/cluster.js'
import { Health } from './health.js'

const cluster = new Cluster({ name: 'demo', seeds: [], link: {}, allow: [], nodeTimeoutMs: 1 })

function covered(slotsCovered: number): void {
  const counts = { viewsRead: 1, views: 1, slotsMigrating: 0, failovers: 0, at: 0 }
  cluster.reading = { name: 'demo', nodes: [], slotsCovered, ...counts }
}

/** An observer among others, whose lease runs by the same clock as the log's. */
function observer(log: MemoryLog, owner: string, clock: { ms: number }) {
  const lease = new Candidate('watch/demo', { log, owner, now: () => clock.ms })
  const judge = new Health({
    log: () => log,
    fence: () => lease.fence(),
    nodeTimeoutMs: 1,
    now: () => new Date(clock.ms),
  })
  const slots = () => judge.current('demo').find(({ name }) => name === 'slots_covered')
  return { lease, slots, observe: () => judge.observe(cluster) }
}

const told = async (log: MemoryLog) =>
  (await log.readStream('cluster/demo'))
    .map(({ data }) => data as { check: string; ok: boolean })
    .filter(({ check }) => check === 'slots_covered')
    .map(({ ok }) => ok)

it('of two observers one tells, both judge, and the other tells on when it has gone', async () => {
  const clock = { ms: Date.UTC(2030, 0, 1) }
  const log = new MemoryLog({ now: () => new Date(clock.ms) })
  const [first, second] = [observer(log, 'first', clock), observer(log, 'second', clock)]
  const both = async () => {
    await first.observe()
    await second.observe()
  }
  covered(16384)
  await both()
  expect(await told(log)).toEqual([true])
  covered(10000)
  await both()
  clock.ms += 1000
  await both()
  expect(await told(log)).toEqual([true, false])
  await second.observe()
  for (const { slots } of [first, second])
    expect(slots()).toMatchObject({ ok: false, since: new Date(clock.ms).toISOString() })

  clock.ms += 20_000 // the first is gone, or was stopped
  await second.observe()
  expect(await told(log)).toEqual([true, false])
  covered(16384)
  await both()
  await both()
  expect(await told(log)).toEqual([true, false, true])
  await second.lease.release()
  covered(10000)
  await first.observe()
  await first.observe()
  expect(await told(log)).toEqual([true, false, true, false])
  expect(first.slots()).toMatchObject({ ok: false })
})
