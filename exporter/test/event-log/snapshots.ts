import { describe, expect, it } from 'vitest'
import type { EventData } from '../../src/contract/events.js'
import { backup, BackupReader } from '../../src/events/backup.js'
import { DIGEST_TYPE } from '../../src/events/draft.js'
import { LogUnavailable } from '../../src/events/log.js'
import { hashOfSnapshot } from '../../src/events/snapshots.js'
import { failover, useLog, write, type OpenLog } from './under-test.js'

const FOLDS = ['discovery', 'health'].map((name) => ({ name, format: 1 }))

/** What shows that a snapshot, which alone tells what was trimmed, is as it was kept. */
export function describeSnapshots(open: OpenLog): void {
  describe('proof of snapshots', () => {
    const under = useLog(open)

    const keep = async (fold: string, state: unknown) =>
      under.log.saveSnapshot(fold, 1, { position: await under.log.head(), state })
    /** Some events that are gone, two snapshots that stand for them, and an event behind. */
    const trimmed = async () => {
      await write(under.log, 'cluster/gone', 3)
      await keep('discovery', { nodes: ['zwölf 🎉', null, 1.5], '10': 'a', '9': 'b' })
      await keep('health', { ok: true })
      expect((await under.log.trim('9999-01-01T00:00:00Z')).events).toBe(3)
      await write(under.log, 'cluster/a', 1)
    }
    const told = async () => {
      const { events } = await under.log.read({ type: DIGEST_TYPE })
      return events.map(({ data }) => Object.keys((data as EventData<'log.digest'>).snapshots ?? {}).sort())
    }
    const both = ['discovery', 'health']
    const verdict = async () => {
      const { ok, problems, unproven } = await under.log.verify()
      expect(ok).toBe(problems.length === 0)
      return { problems, unproven }
    }
    const fine = { problems: [], unproven: [] }

    it('is in the next digest of a log that was trimmed, once', async () => {
      await write(under.log, 'cluster/a', 2)
      await keep('health', { ok: true })
      await under.log.digest(true)
      expect(await told()).toEqual([[]])
      await under.log.trim('9999-01-01T00:00:00Z')
      expect(await verdict()).toEqual({
        problems: [],
        unproven: [expect.stringMatching(/^no digest tells the snapshots \(health\), which stand for/)],
      })
      await under.log.digest()
      const [{ data } = {}] = (await under.log.read({ type: DIGEST_TYPE, order: 'newest' })).events
      const place = { fold: 'health', format: 1, position: '2' }
      const { snapshots } = data as EventData<'log.digest'>
      expect(snapshots).toEqual({
        health: { format: 1, position: '2', hash: hashOfSnapshot(place, '{"ok":true}') },
      })
      expect(await verdict()).toEqual(fine)
      await under.log.append([{ stream: 'cluster/a', events: [failover('more')] }])
      await under.log.digest()
      expect((await told()).slice(-2)).toEqual([['health'], []])
    })

    it('is asked for by itself, and given once', async () => {
      await trimmed()
      await under.log.digest()
      await under.log.digest(true)
      expect(await told()).toEqual([both])
      await keep('health', { ok: false })
      expect(await verdict()).toEqual({
        problems: [],
        unproven: [expect.stringMatching(/^the snapshot of health was kept since the newest digest/)],
      })
      await under.log.digest()
      expect(await told()).toEqual([both])
      await under.log.digest(true)
      await under.log.digest(true)
      expect(await told()).toEqual([both, both])
      expect(await verdict()).toEqual(fine)
      await under.reopen()
      await under.log.append([{ stream: 'cluster/a', events: [failover('on')] }])
      await under.log.digest()
      expect(await verdict()).toEqual(fine)
    })

    it('shows a snapshot that was changed, also when a later digest tells that', async () => {
      await trimmed()
      await under.log.digest()
      await under.reopen(undefined, { health: { ok: 'nothing to see here' } })
      expect(await verdict()).toEqual({
        problems: ['no digest tells the snapshot of health as it is here: it was changed'],
        unproven: [],
      })
      await under.log.append([{ stream: 'cluster/a', events: [failover('on')] }])
      await under.log.digest()
      expect((await verdict()).problems).toEqual([
        expect.stringMatching(/^digest \d tells another snapshot of health than the one before/),
      ])
    })

    it('shows a snapshot that was removed', async () => {
      await trimmed()
      await under.log.digest()
      await under.reopen(undefined, { health: undefined })
      expect((await verdict()).problems).toEqual([
        expect.stringMatching(/^digest \d tells a snapshot of health, here is none: it was removed$/),
      ])
    })

    it('is in a backup: what was changed, moved, left out or put in there shows', async () => {
      await trimmed()
      const read = async (change: (lines: string[]) => string[] = (lines) => lines) => {
        let text = ''
        for await (const lines of backup(under.log, FOLDS, () => new Date())) text += lines
        const reader = new BackupReader((await under.log.stats()).lastDigest)
        for (const line of change(text.trimEnd().split('\n'))) reader.take(line)
        const { problems, unproven } = reader.report()
        return { problems, unproven }
      }
      expect(await read()).toEqual(fine)
      // An idle log, and a snapshot that is newer than its newest digest.
      await keep('health', { ok: false })
      expect(await read()).toEqual(fine)
      // A log that takes no digest for the backup.
      await under.log.append([{ stream: 'cluster/a', events: [failover('more')] }])
      await keep('health', { ok: false })
      const digest = under.log.digest.bind(under.log)
      under.log.digest = () => Promise.reject(new LogUnavailable('the disk is full'))
      expect((await read()).problems).toEqual([
        expect.stringMatching(/snapshot of health: .*the log took no digest .*make room, and make another$/),
      ])
      under.log.digest = digest
      expect(await read()).toEqual(fine)
      // A fold of another format by now, that nobody kept yet.
      await under.log.saveSnapshot('discovery', 2, { position: await under.log.head(), state: {} })
      expect(await read()).toEqual(fine)
      const isHealth = (line: string) => line.startsWith('{"snapshot":{"fold":"health"')
      const onHealth = (change: (line: string) => string) => (lines: string[]) =>
        lines.map((line) => (isHealth(line) ? change(line) : line))
      const changed = ['no digest tells the snapshot of health as it is here: it was changed']
      expect((await read(onHealth((line) => line.replace('false', 'true')))).problems).toEqual(changed)
      const moved = (line: string) => line.replace(/"position":"\d+"/, `"position":"5"`)
      expect((await read(onHealth(moved))).problems).toEqual(changed)
      expect((await read((lines) => lines.filter((line) => !isHealth(line)))).problems).toEqual([
        expect.stringMatching(/^digest \d+ tells a snapshot of health, here is none/),
      ])
      const more = '{"snapshot":{"fold":"alerts","format":1,"position":"4","state":{}}}'
      expect((await read((lines) => lines.toSpliced(1, 0, more))).problems).toEqual([
        expect.stringMatching(/^no digest tells the snapshot of alerts: it was put in or changed, or/),
      ])
    })
  })
}
