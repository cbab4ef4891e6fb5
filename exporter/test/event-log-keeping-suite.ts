import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../stack/src/until.js'
import { LeaseLost, type EventLog } from '../src/events/log.js'
import { failover, readAll, type LogUnderTest } from './event-log-suite.js'

/** Longer than any test, so that nothing expires by itself. */
const LONG_MS = 3_600_000

/** How every event log keeps leases, snapshots and what is left after a trim. */
export function describeLogKeeping(name: string, open: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let under: LogUnderTest
    let log: EventLog
    beforeEach(async () => {
      under = await open()
      log = under.log
    })
    afterEach(() => under.remove())

    const write = (fence?: { lease: string; token: number }) =>
      log.append([{ stream: 'cluster/a', events: [failover(1)] }], fence)

    describe('leases', () => {
      it('gives a lease to one owner at a time, who renews it under the same token', async () => {
        const mine = await log.acquire('operation/1', 'me', LONG_MS)
        expect(mine).toMatchObject({ lease: 'operation/1', owner: 'me', token: 1 })
        expect(mine.remainingMs).toBeGreaterThan(0)
        expect(await log.acquire('operation/1', 'you', LONG_MS)).toMatchObject({ owner: 'me', token: 1 })
        expect(await log.acquire('operation/1', 'me', LONG_MS)).toMatchObject({ owner: 'me', token: 1 })
        expect(await log.acquire('operation/2', 'you', LONG_MS)).toMatchObject({ owner: 'you', token: 1 })
        expect((await log.leases()).map(({ lease, owner }) => `${lease} ${owner}`).sort()).toEqual([
          'operation/1 me',
          'operation/2 you',
        ])
      })

      it('gives one of many who ask at once', async () => {
        const owners = Array.from({ length: 20 }, (_, n) => `p${n}`)
        const answers = await Promise.all(owners.map((owner) => log.acquire('watch/a', owner, LONG_MS)))
        expect(new Set(answers.map(({ owner, token }) => `${owner} ${token}`)).size).toBe(1)
        expect(owners.filter((owner, n) => answers[n]!.owner === owner)).toHaveLength(1)
      })

      it('gives an expired one to the next, with a greater token', async () => {
        await log.acquire('watch/a', 'me', 1)
        const next = await until(
          async () => {
            const lease = await log.acquire('watch/a', 'you', LONG_MS)
            return lease.owner === 'you' ? lease : undefined
          },
          { what: 'the lease to expire', timeoutMs: 20_000 },
        )
        expect(next.token).toBe(2)
        expect(await log.acquire('watch/a', 'me', LONG_MS)).toMatchObject({ owner: 'you', token: 2 })
      })

      it('frees a lease for its owner alone, and remembers the token', async () => {
        await log.acquire('watch/a', 'me', LONG_MS)
        await log.release({ lease: 'watch/a', token: 7 })
        expect(await log.leases()).toHaveLength(1)
        await log.release({ lease: 'watch/a', token: 1 })
        expect(await log.leases()).toEqual([])
        expect(await log.acquire('watch/a', 'me', LONG_MS)).toMatchObject({ owner: 'me', token: 2 })
        await log.release({ lease: 'none', token: 1 })
      })

      it('remembers the token when it is opened again', async () => {
        await log.acquire('watch/a', 'me', LONG_MS)
        await log.release({ lease: 'watch/a', token: 1 })
        await log.acquire('watch/b', 'me', 1)
        log = await under.reopen()
        expect((await log.leases()).map(({ lease }) => lease)).toEqual(['watch/b'])
        expect(await log.acquire('watch/a', 'you', LONG_MS)).toMatchObject({ owner: 'you', token: 2 })
        await until(async () => (await log.acquire('watch/b', 'you', LONG_MS)).token === 2, {
          what: 'the lease of the process before to be free',
          timeoutMs: 20_000,
        })
      })
    })

    describe('fences', () => {
      it('append under the token of the lease, and nothing under an older one', async () => {
        const { token } = await log.acquire('operation/1', 'me', LONG_MS)
        const mine = { lease: 'operation/1', token }
        await write(mine)
        await log.release(mine)
        await log.acquire('operation/1', 'you', LONG_MS)
        const late = write(mine)
        await expect(late).rejects.toThrow(LeaseLost)
        await expect(late).rejects.toMatchObject({ fence: mine, current: 2 })
        await expect(write({ lease: 'operation/none', token: 1 })).rejects.toMatchObject({ current: 0 })
        expect(await readAll(log)).toHaveLength(1)
        await write({ lease: 'operation/1', token: 2 })
        expect(await log.verify()).toMatchObject({ ok: true, events: 2 })
      })

      it('append under an expired lease that nobody took', async () => {
        const { token } = await log.acquire('operation/1', 'me', 1)
        await until(async () => (await log.leases()).every(({ remainingMs }) => remainingMs <= 0), {
          what: 'the lease to expire',
          timeoutMs: 20_000,
        })
        expect(await write({ lease: 'operation/1', token })).toHaveLength(1)
      })

      it('harm none of the appends beside', async () => {
        const { token } = await log.acquire('operation/1', 'me', LONG_MS)
        const outcomes = await Promise.allSettled([
          write(),
          write({ lease: 'operation/1', token: token + 1 }),
          write({ lease: 'operation/1', token }),
        ])
        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(await log.verify()).toMatchObject({ ok: true, events: 2 })
      })
    })

    describe('snapshots', () => {
      it('are kept by fold and format, the newest alone', async () => {
        const [first, second] = [await write(), await write()].map(([event]) => event!.position)
        expect(await log.loadSnapshot('health', 1)).toBeUndefined()
        await log.saveSnapshot('health', 1, { position: second!, state: { a: ['zwölf', null, 1.5] } })
        await log.saveSnapshot('health', 1, { position: first!, state: 'older' })
        await log.saveSnapshot('discovery', 1, { position: first!, state: 'other' })
        log = await under.reopen()
        const kept = { position: second, state: { a: ['zwölf', null, 1.5] } }
        expect(await log.loadSnapshot('health', 1)).toEqual(kept)
        expect(await log.loadSnapshot('discovery', 1)).toEqual({ position: first, state: 'other' })
        expect(await log.loadSnapshot('health', 2)).toBeUndefined()
        await log.saveSnapshot('health', 2, { position: first!, state: 'made anew' })
        expect(await log.loadSnapshot('health', 2)).toEqual({ position: first, state: 'made anew' })
        expect(await log.loadSnapshot('health', 1)).toBeUndefined()
      })
    })
  })
}
