import { describe, expect, it } from 'vitest'
import { describeAppend } from './event-log/append.js'
import { describeFollow, describeRead } from './event-log/read.js'
import { failover, followed, readAll, said, useLog, write, type OpenLog } from './event-log/under-test.js'
import { describeVerify } from './event-log/verify.js'

/** How every event log behaves. */
export function describeEventLog(name: string, open: OpenLog): void {
  describe(name, () => {
    describeAppend(open)
    describeRead(open)
    describeFollow(open)
    describeVerify(open)
    describeWhole(open)
  })
}

function describeWhole(open: OpenLog): void {
  describe('as a whole', () => {
    const under = useLog(open)

    it('takes many events at once', async () => {
      const events = Array.from({ length: 4500 }, (_, n) => failover(n))
      const appended = await under.log.append([{ stream: 'cluster/a', expectedVersion: 0, events }])
      expect(appended.map(said)).toEqual(events.map(({ data }) => (data as { to: string }).to))
      expect(await under.log.readStream('cluster/a', 100)).toEqual(appended.slice(100))
      expect(await followed(under.log, '', 4500)).toEqual(appended)
      expect(await under.log.verify()).toMatchObject({ ok: true, events: 4500 })
    })

    it('keeps everything when it is opened again, and goes on where it was', async () => {
      const before = await write(under.log, 'cluster/a', 3)
      await under.log.digest()
      const stats = await under.log.stats()
      await under.reopen()
      expect(await under.log.readStream('cluster/a')).toEqual(before)
      expect(await under.log.stats()).toMatchObject({ events: 4, lastDigest: stats.lastDigest })
      const [next] = await under.log.append([
        { stream: 'cluster/a', expectedVersion: 3, events: [failover(4)] },
      ])
      expect(next!.previoushash).toBe(before[2]!.hash)
      expect((await readAll(under.log)).map((event) => event.position).at(-1)).toBe(next!.position)
      expect((await under.log.verify()).ok).toBe(true)
    })

    it('refuses everything once it is closed', async () => {
      await under.log.close()
      await expect(under.log.append([{ stream: 'cluster/a', events: [failover(1)] }])).rejects.toThrow(
        'closed',
      )
      await expect(under.log.read()).rejects.toThrow('closed')
      await under.log.close()
    })
  })
}
