import { describe, expect, it } from 'vitest'
import { until } from '../../stack/src/until.js'
import { LeaseLost } from '../src/events/log.js'
import { describeHistories } from './event-log/histories.js'
import { describeSnapshots } from './event-log/snapshots.js'
import { describeTrim } from './event-log/trim.js'
import { failover, readAll, useLog, type OpenLog } from './event-log/under-test.js'

/** Longer than any test, so that nothing expires by itself. */
const LONG_MS = 3_600_000

/** How every event log keeps leases, snapshots and what is left after a trim. */
export function describeLogKeeping(name: string, open: OpenLog): void {
  describe(name, () => {
    describeKept(open)
    describeTrim(open)
    describeSnapshots(open)
    describeHistories(open)
  })
}

function describeKept(open: OpenLog): void {
  describe('beside its events', () => {
    const under = useLog(open)

    const write = (fence?: { lease: string; token: number }) =>
      under.log.append([{ stream: 'cluster/a', events: [failover(1)] }], fence)

    describe('leases', () => {
      it('gives a lease to one owner at a time, who renews it under the same token', async () => {
        const mine = await under.log.acquire('operation/1', 'me', LONG_MS)
        expect(mine).toMatchObject({ lease: 'operation/1', owner: 'me', token: 1 })
        expect(mine.remainingMs).toBeGreaterThan(0)
        expect(await under.log.acquire('operation/1', 'you', LONG_MS)).toMatchObject({
          owner: 'me',
          token: 1,
        })
        expect(await under.log.acquire('operation/1', 'me', LONG_MS)).toMatchObject({ owner: 'me', token: 1 })
        expect(await under.log.acquire('operation/2', 'you', LONG_MS)).toMatchObject({
          owner: 'you',
          token: 1,
        })
        expect((await under.log.leases()).map(({ lease, owner }) => `${lease} ${owner}`).sort()).toEqual([
          'operation/1 me',
          'operation/2 you',
        ])
      })

      it('gives one of many who ask at once', async () => {
        const owners = Array.from({ length: 20 }, (_, n) => `p${n}`)
        const answers = await Promise.all(owners.map((owner) => under.log.acquire('watch/a', owner, LONG_MS)))
        expect(new Set(answers.map(({ owner, token }) => `${owner} ${token}`)).size).toBe(1)
        expect(owners.filter((owner, n) => answers[n]!.owner === owner)).toHaveLength(1)
      })

      it('gives an expired one to the next, with a greater token', async () => {
        await under.log.acquire('watch/a', 'me', 1)
        const next = await until(
          async () => {
            const lease = await under.log.acquire('watch/a', 'you', LONG_MS)
            return lease.owner === 'you' ? lease : undefined
          },
          { what: 'the lease to expire', timeoutMs: 20_000 },
        )
        expect(next.token).toBe(2)
        expect(await under.log.acquire('watch/a', 'me', LONG_MS)).toMatchObject({ owner: 'you', token: 2 })
      })

      it('frees a lease for its owner alone, and remembers the token', async () => {
        await under.log.acquire('watch/a', 'me', LONG_MS)
        await under.log.release({ lease: 'watch/a', token: 7 })
        expect(await under.log.leases()).toHaveLength(1)
        await under.log.release({ lease: 'watch/a', token: 1 })
        expect(await under.log.leases()).toEqual([])
        expect(await under.log.acquire('watch/a', 'me', LONG_MS)).toMatchObject({ owner: 'me', token: 2 })
        await under.log.release({ lease: 'none', token: 1 })
      })

      it('remembers the token when it is opened again', async () => {
        await under.log.acquire('watch/a', 'me', LONG_MS)
        await under.log.release({ lease: 'watch/a', token: 1 })
        await under.log.acquire('watch/b', 'me', 1)
        await under.reopen()
        expect((await under.log.leases()).map(({ lease }) => lease)).toEqual(['watch/b'])
        expect(await under.log.acquire('watch/a', 'you', LONG_MS)).toMatchObject({ owner: 'you', token: 2 })
        await until(async () => (await under.log.acquire('watch/b', 'you', LONG_MS)).token === 2, {
          what: 'the lease of the process before to be free',
          timeoutMs: 20_000,
        })
      })
    })

    describe('fences', () => {
      it('append under the token of the lease, and nothing under an older one', async () => {
        const { token } = await under.log.acquire('operation/1', 'me', LONG_MS)
        const mine = { lease: 'operation/1', token }
        await write(mine)
        await under.log.release(mine)
        await under.log.acquire('operation/1', 'you', LONG_MS)
        const late = write(mine)
        await expect(late).rejects.toThrow(LeaseLost)
        await expect(late).rejects.toMatchObject({ fence: mine, current: 2 })
        await expect(write({ lease: 'operation/none', token: 1 })).rejects.toMatchObject({ current: 0 })
        expect(await readAll(under.log)).toHaveLength(1)
        await write({ lease: 'operation/1', token: 2 })
        expect(await under.log.verify()).toMatchObject({ ok: true, events: 2 })
      })

      it('append under an expired lease that nobody took', async () => {
        const { token } = await under.log.acquire('operation/1', 'me', 1)
        await until(async () => (await under.log.leases()).every(({ remainingMs }) => remainingMs <= 0), {
          what: 'the lease to expire',
          timeoutMs: 20_000,
        })
        expect(await write({ lease: 'operation/1', token })).toHaveLength(1)
      })

      it('harm none of the appends beside', async () => {
        const { token } = await under.log.acquire('operation/1', 'me', LONG_MS)
        const outcomes = await Promise.allSettled([
          write(),
          write({ lease: 'operation/1', token: token + 1 }),
          write({ lease: 'operation/1', token }),
        ])
        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(await under.log.verify()).toMatchObject({ ok: true, events: 2 })
      })
    })

    describe('snapshots', () => {
      it('are kept by fold and format, the newest alone', async () => {
        const [first, second] = [await write(), await write()].map(([event]) => event!.position)
        expect(await under.log.loadSnapshot('health', 1)).toBeUndefined()
        await under.log.saveSnapshot('health', 1, { position: second!, state: { a: ['zwölf', null, 1.5] } })
        await under.log.saveSnapshot('health', 1, { position: first!, state: 'older' })
        await under.log.saveSnapshot('health', 1, { position: second!, state: 'of the same position' })
        await under.log.saveSnapshot('discovery', 1, { position: first!, state: 'other' })
        await under.reopen()
        const kept = { position: second, state: { a: ['zwölf', null, 1.5] } }
        expect(await under.log.loadSnapshot('health', 1)).toEqual(kept)
        expect(await under.log.loadSnapshot('discovery', 1)).toEqual({ position: first, state: 'other' })
        expect(await under.log.loadSnapshot('health', 2)).toBeUndefined()
        await under.log.saveSnapshot('health', 2, { position: first!, state: 'made anew' })
        expect(await under.log.loadSnapshot('health', 2)).toEqual({ position: first, state: 'made anew' })
        expect(await under.log.loadSnapshot('health', 1)).toBeUndefined()
      })
    })
  })
}
