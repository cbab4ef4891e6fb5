import { describe, expect, it } from 'vitest'
import type { EventData, StoredEvent } from '../../src/contract/events.js'
import { canonicalJson } from '../../src/events/canonical-json.js'
import { hashOf, hashOfHeads, type EventRow, type Head } from '../../src/events/chain.js'
import { failover, frozen, useLog, write, type OpenLog } from './under-test.js'

/** What digests say, and what the verifier finds out when something was changed. */
export function describeVerify(open: OpenLog): void {
  describe('digest and verify', () => {
    const under = useLog(open)

    const anchorOf = async () => (await under.log.stats()).lastDigest
    const problems = async (anchor?: string) => {
      const report = await under.log.verify(anchor)
      expect(report.ok).toBe(report.problems.length === 0)
      return report.problems.join('\n')
    }
    /** A log with two streams, a digest behind, and one event more in each. */
    const digested = async () => {
      await write(under.log, 'cluster/a', 3)
      await under.log.append([{ stream: 'control', events: [frozen('x'), frozen('y')] }])
      await under.log.digest()
      const anchor = await anchorOf()
      await under.log.append([
        { stream: 'cluster/a', events: [failover('later')] },
        { stream: 'control', events: [frozen('later')] },
      ])
      return anchor
    }
    const in_ = (stream: string, version: number) => (row: EventRow) =>
      row.stream === stream && row.version === version

    it('finds an empty log and an untouched one in order', async () => {
      const empty = { ok: true, events: 0, streams: 0, problems: [], unproven: [], anchor: '' }
      expect(await under.log.verify()).toEqual(empty)
      const anchor = await digested()
      const report = { ok: true, events: 8, streams: 3, problems: [], unproven: [], anchor }
      expect(await under.log.verify()).toEqual(report)
      expect(await under.log.verify(anchor)).toEqual(report)
    })

    it('lists the heads in a digest, and makes none when there is nothing new', async () => {
      await under.log.digest()
      expect((await under.log.stats()).events).toBe(0)
      const anchor = await digested()
      const [digest] = await under.log.readStream('digest')
      const [a, control] = [await under.log.readStream('cluster/a'), await under.log.readStream('control')]
      expect(digest).toMatchObject({
        hash: anchor,
        data: {
          heads: {
            'cluster/a': { version: 3, hash: a[2]!.hash },
            control: { version: 2, hash: control[1]!.hash },
          },
          all: hashOfHeads(new Map([headOf(a[2]!), headOf(control[1]!)])),
        },
      })
      await under.log.digest()
      await under.log.digest()
      expect(await under.log.readStream('digest')).toHaveLength(2)
      expect(await problems(anchor)).toBe('')
    })

    it('lists in a digest what changed since the one before it, and stands for all', async () => {
      await digested()
      await under.log.digest()
      await under.reopen()
      for (const n of [1, 2]) {
        const written = await under.log.append([{ stream: 'cluster/new', events: [failover(n)] }])
        await under.log.digest()
        const heads = new Map(written.map(headOf))
        const { data } = (await under.log.readStream('digest')).at(-1)!
        expect(data).toMatchObject({ heads: Object.fromEntries(heads) })
        for (const stream of ['cluster/a', 'control'])
          heads.set(...headOf((await under.log.readStream(stream)).at(-1)!))
        expect(data).toMatchObject({ all: hashOfHeads(heads) })
        expect(Object.keys((data as EventData<'log.digest'>).heads)).toEqual(['cluster/new'])
      }
      expect(await problems(await anchorOf())).toBe('')
    })

    it('takes digests as older versions made them, which list all heads', async () => {
      await digested()
      await under.log.digest()
      await under.log.append([{ stream: 'control', events: [frozen('older')] }])
      await under.log.digest()
      await under.reopen(asBefore)
      expect(await problems()).toBe('')
      await write(under.log, 'cluster/new', 1)
      await under.log.digest()
      expect(await problems(await anchorOf())).toBe('')
      const { data } = (await under.log.readStream('digest')).at(-1)!
      expect(Object.keys((data as EventData<'log.digest'>).heads)).toEqual(['cluster/new'])
      await under.reopen((rows) => rows.filter(({ stream }) => stream !== 'cluster/a'))
      expect(await problems()).toBe(
        'stream cluster/a: digest 1 lists 3 events in it, here are none: it was removed',
      )
    })

    it('looks for many anchors at once, and blames each for itself', async () => {
      const anchor = await digested()
      await under.log.digest()
      const newest = await anchorOf()
      const none = 'f'.repeat(64)
      const reports = await under.log.verifyAll([anchor, none, undefined, newest, none.replace('f', '0')])
      expect(reports.map(({ ok }) => ok)).toEqual([true, false, true, true, false])
      expect(reports.map(({ anchor, events }) => [anchor, events])).toEqual(
        Array.from({ length: 5 }, () => [newest, 9]),
      )
      expect(reports[1]!.problems).toEqual([expect.stringContaining(`no digest has the hash ${none}`)])
      expect(reports[4]!.problems).toHaveLength(1)
    })

    it('shows what was put in before a digest that does not list it', async () => {
      await digested()
      await under.log.digest()
      await under.log.append([{ stream: 'control', events: [frozen('new')] }])
      await under.log.digest()
      const putIn = (stream: string) => (rows: EventRow[]) => {
        const at = rows.findIndex(in_('control', 4))
        const { version = 0, hash = '' } = rows.findLast((row) => row.stream === stream) ?? {}
        const other = { ...rows.find(in_('cluster/a', 1))!, stream, version: version + 1 }
        return [...rows.slice(0, at), forged(other, hash), ...rows.slice(at)].map((row, i) => ({
          ...row,
          position: String(i + 1),
        }))
      }
      const blamed = (stream: string) =>
        `stream ${stream}: digest 3 does not list what is new in it: that was put in later`
      await under.reopen(putIn('cluster/a'))
      expect(await problems()).toBe(blamed('cluster/a'))
      await under.reopen(putIn('cluster/b'))
      expect(await problems()).toBe([blamed('cluster/a'), blamed('cluster/b')].join('\n'))
    })

    it('shows an event that was changed', async () => {
      await digested()
      await under.reopen((rows) =>
        rows.map((row) =>
          in_('cluster/a', 2)(row) ? { ...row, data: row.data.replace('"2"', '"3"') } : row,
        ),
      )
      expect(await problems()).toMatch(
        /^stream cluster\/a, version 2: its content does not fit its hash[^\n]*$/,
      )
    })

    it.each(['id', 'time', 'type', 'source'] as const)('shows another %s', async (field) => {
      await digested()
      await under.reopen((rows) =>
        rows.map((row) => (in_('control', 3)(row) ? { ...row, [field]: '2026-01-01T00:00:00Z' } : row)),
      )
      expect(await problems()).toContain('stream control, version 3: its content does not fit its hash')
    })

    it('shows an event that was changed and hashed anew', async () => {
      await digested()
      await under.reopen((rows) => rows.map((row) => (in_('cluster/a', 2)(row) ? forged(row) : row)))
      expect(await problems()).toContain('cluster/a, version 3: does not continue the event before it')
    })

    it('shows a chain that was forged to its end, by the digest', async () => {
      await digested()
      await under.reopen((rows) => {
        let previoushash: string | undefined
        return rows.map((row) => {
          if (row.stream !== 'control') return row
          const forgery = forged(row, previoushash)
          previoushash = forgery.hash
          return forgery
        })
      })
      expect(await problems()).toBe(
        'stream control: digest 1 lists another event as version 2: it was rewritten',
      )
    })

    it('shows an event that was taken out', async () => {
      await digested()
      await under.reopen((rows) => rows.filter((row) => !in_('cluster/a', 2)(row)))
      expect(await problems()).toContain('cluster/a, version 3: comes after version 1')
    })

    it('shows a stream that was cut off before a digest', async () => {
      await digested()
      await under.reopen((rows) => rows.filter((row) => row.stream !== 'cluster/a' || row.version < 3))
      expect(await problems()).toBe('stream cluster/a: digest 1 lists 3 events, here are 2: it was cut off')
    })

    it('shows a stream that was removed', async () => {
      await digested()
      await under.reopen((rows) => rows.filter((row) => row.stream !== 'control'))
      expect(await problems()).toBe(
        'stream control: digest 1 lists 2 events in it, here are none: it was removed',
      )
    })

    it('shows a digest that was rewritten to fit', async () => {
      await digested()
      await under.reopen((rows) =>
        rows.map((row) => (row.stream === 'digest' ? { ...row, data: '{"heads":[]}' } : row)),
      )
      expect(await problems()).toContain('stream digest, version 1: its content does not fit its hash')
    })

    it('shows by its anchor a log that was cut off before it, digests and all', async () => {
      await digested()
      await under.log.digest()
      const anchor = await anchorOf()
      await under.reopen((rows) => rows.slice(0, 6))
      expect(await problems()).toBe('')
      expect(await problems(anchor)).toContain(`no digest has the hash ${anchor}`)
      await write(under.log, 'cluster/new', 2)
      await under.log.digest()
      expect(await problems(anchor)).toContain('cut off before that digest')
    })

    it('does not mind what was lost after its anchor, which nobody can know', async () => {
      const anchor = await digested()
      await under.reopen((rows) => rows.slice(0, 7))
      expect(await problems(anchor)).toBe('')
    })
  })
}

const headOf = ({ subject, streamversion: version, hash }: StoredEvent): [string, Head] => [
  subject,
  { version, hash },
]

/** A log whose digests are as they were when each listed all heads. */
function asBefore(rows: readonly EventRow[]): EventRow[] {
  const heads: Record<string, Head> = {}
  let previoushash = ''
  return rows.map((row) => {
    if (row.stream !== 'digest') {
      heads[row.stream] = { version: row.version, hash: row.hash }
      return row
    }
    const older = { ...row, previoushash, data: canonicalJson({ heads }) }
    previoushash = hashOf(older)
    return { ...older, hash: previoushash }
  })
}

/** Another event in its place that is right by itself. */
function forged(row: EventRow, previoushash = row.previoushash): EventRow {
  const other = { ...row, previoushash, time: '2020-01-01T00:00:00.000Z' }
  return { ...other, hash: hashOf(other) }
}
