import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventData, NewEvent, StoredEvent } from '../src/contract/events.js'
import { canonicalJson, hashOf, hashOfHeads, type EventRow, type Head } from '../src/events/chain.js'
import { VersionConflict, type EventLog } from '../src/events/log.js'

/** A log under test, with what only its store can do. */
export interface LogUnderTest {
  readonly log: EventLog
  /** Closes the log, lets `change` rewrite what is stored (nothing, unless given), and opens it again. */
  reopen(change?: (rows: EventRow[]) => EventRow[]): Promise<EventLog>
  remove(): Promise<void>
}

/** An event for stream `cluster/…` that says `n`. */
export const failover = (n: number | string): NewEvent => ({
  type: 'cluster.failover',
  data: { shard: 'a', from: 'x', to: String(n) },
})
const frozen = (reason: string): NewEvent => ({
  type: 'freeze.changed',
  data: { on: true, reason, by: { token: 'ops' } },
})
const said = (event: StoredEvent) => (event.data as { to: string }).to

/** Every event of a log, page by page. */
export async function readAll(log: EventLog, limit = 100): Promise<StoredEvent[]> {
  const all: StoredEvent[] = []
  for (let after = ''; ;) {
    const page = await log.read({ after, limit })
    if (page.events.length === 0) return all
    all.push(...page.events)
    after = page.next
  }
}

/** The first `count` events that a follower gets. */
async function followed(log: EventLog, after: string, count: number): Promise<StoredEvent[]> {
  const stop = new AbortController()
  const events: StoredEvent[] = []
  for await (const event of log.follow(after, stop.signal)) {
    events.push(event)
    if (events.length === count) stop.abort()
  }
  return events
}

/** Appends `count` events one by one to `stream`, each behind the last. */
async function write(log: EventLog, stream: string, count: number): Promise<StoredEvent[]> {
  const written: StoredEvent[] = []
  for (let n = 1; n <= count; n++)
    written.push(...(await log.append([{ stream, expectedVersion: n - 1, events: [failover(n)] }])))
  return written
}

/** How every event log behaves. */
export function describeEventLog(name: string, open: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let under: LogUnderTest
    let log: EventLog
    beforeEach(async () => {
      under = await open()
      log = under.log
    })
    afterEach(() => under.remove())

    const reopen = async (change?: (rows: EventRow[]) => EventRow[]) => {
      log = await under.reopen(change)
    }

    describe('append', () => {
      it('answers with CloudEvents as they are read again', async () => {
        const time = '2026-11-22T01:02:03+01:00'
        const appended = await log.append([
          { stream: 'cluster/demo', events: [{ ...failover(1), time }, failover('zwölf 🎉')] },
        ])
        expect(appended).toEqual(await log.readStream('cluster/demo'))
        expect(appended[0]).toMatchObject({
          specversion: '1.0',
          source: 'slotwise/test',
          type: 'io.slotwise.cluster.failover',
          subject: 'cluster/demo',
          time,
          datacontenttype: 'application/json',
          data: { shard: 'a', from: 'x', to: '1' },
          streamversion: 1,
          previoushash: '',
        })
        expect(appended[1]).toMatchObject({ streamversion: 2, previoushash: appended[0]!.hash })
        expect(new Set(appended.map((event) => event.id)).size).toBe(2)
      })

      it('refuses another version than the one expected, and appends nothing', async () => {
        await write(log, 'cluster/demo', 2)
        const late = log.append([{ stream: 'cluster/demo', expectedVersion: 1, events: [failover('late')] }])
        await expect(late).rejects.toThrow(VersionConflict)
        await expect(late).rejects.toMatchObject({ stream: 'cluster/demo', expected: 1, actual: 2 })
        await expect(
          log.append([{ stream: 'cluster/new', expectedVersion: 1, events: [failover(1)] }]),
        ).rejects.toMatchObject({ expected: 1, actual: 0 })
        expect(await readAll(log)).toHaveLength(2)
      })

      it('is all or nothing over several streams', async () => {
        await write(log, 'cluster/a', 1)
        const half = log.append([
          { stream: 'cluster/b', expectedVersion: 0, events: [failover(1), failover(2)] },
          { stream: 'control', events: [frozen('half')] },
          { stream: 'cluster/a', expectedVersion: 0, events: [failover('half')] },
        ])
        await expect(half).rejects.toThrow('stream cluster/a is at version 1, not 0')
        expect(await readAll(log)).toHaveLength(1)
        const whole = await log.append([
          { stream: 'cluster/b', expectedVersion: 0, events: [failover(1), failover(2)] },
          { stream: 'control', events: [frozen('whole')] },
          { stream: 'cluster/b', expectedVersion: 2, events: [failover(3)] },
        ])
        expect(whole.map((event) => [event.subject, event.streamversion])).toEqual([
          ['cluster/b', 1],
          ['cluster/b', 2],
          ['control', 1],
          ['cluster/b', 3],
        ])
        expect((await log.verify()).problems).toEqual([])
      })

      it('checks versions without events, too', async () => {
        await write(log, 'cluster/a', 1)
        expect(await log.append([{ stream: 'cluster/a', expectedVersion: 1, events: [] }])).toEqual([])
        await expect(log.append([{ stream: 'cluster/a', expectedVersion: 0, events: [] }])).rejects.toThrow(
          VersionConflict,
        )
        expect(await log.append([])).toEqual([])
      })

      it('lets a conflict harm none of the appends beside it', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, n) =>
            log.append([
              { stream: 'cluster/raced', expectedVersion: 0, events: [failover(n)] },
              { stream: `cluster/${n}`, events: [failover(n)] },
            ]),
          ),
        )
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
        expect(await readAll(log)).toHaveLength(2)
        await Promise.all([write(log, 'cluster/x', 3), write(log, 'cluster/y', 3)])
        expect((await log.verify()).ok).toBe(true)
      })

      it('refuses what does not fit its schema, naming the field, and appends nothing', async () => {
        const wrong = { type: 'cluster.failover', data: { shard: 'a', from: 'x' } } as unknown as NewEvent
        await expect(log.append([{ stream: 'cluster/demo', events: [failover(1), wrong] }])).rejects.toThrow(
          /event cluster.failover for stream cluster\/demo: to: /,
        )
        await expect(log.append([{ stream: 'operation/1', events: [failover(1)] }])).rejects.toThrow(
          "it stands in streams 'cluster'",
        )
        await expect(
          log.append([
            { stream: 'cluster/a', events: [{ type: 'made.up', data: {} } as unknown as NewEvent] },
          ]),
        ).rejects.toThrow('no such type')
        await expect(
          log.append([{ stream: 'cluster/a', events: [{ ...failover(1), time: 'yesterday' }] }]),
        ).rejects.toThrow("its time 'yesterday' is not RFC 3339")
        await expect(log.append([{ stream: 'cluster/a b', events: [failover(1)] }])).rejects.toThrow(
          'printable ASCII',
        )
        expect(await readAll(log)).toEqual([])
      })

      it('takes 8 writers at once, each with a stream of its own and all with one', async () => {
        const writers = Array.from({ length: 8 }, async (_, writer) => {
          let conflicts = 0
          for (let n = 0; n < 10;) {
            const expectedVersion = (await log.readStream('control')).length
            try {
              await log.append([
                { stream: `cluster/${writer}`, expectedVersion: n, events: [failover(n)] },
                { stream: 'control', expectedVersion, events: [frozen(`${writer}`)] },
              ])
              n++
            } catch (error) {
              if (!(error instanceof VersionConflict)) throw error
              conflicts++
            }
          }
          return conflicts
        })
        await Promise.all(writers)
        const report = await log.verify()
        expect(report).toMatchObject({ ok: true, events: 160, streams: 9 })
        const shared = await log.readStream('control')
        expect(shared.map((event) => event.streamversion)).toEqual(
          Array.from({ length: 80 }, (_, i) => i + 1),
        )
      })
    })

    describe('read', () => {
      it('gives the events in their order, page by page', async () => {
        expect(await log.read()).toMatchObject({ events: [] })
        await Promise.all([write(log, 'cluster/a', 20), write(log, 'cluster/b', 20)])
        const all = await readAll(log, 7)
        expect(all).toHaveLength(40)
        expect((await log.read()).events).toEqual(all)
        expect(await log.head()).toBe(all.at(-1)!.position)
        expect((await log.read({ after: all[38]!.position })).events).toEqual([all[39]])
        expect(await log.read({ after: all[39]!.position })).toEqual({ events: [], next: all[39]!.position })
      })

      it('gives the newest first, page by page to the oldest', async () => {
        expect(await log.read({ order: 'newest' })).toMatchObject({ events: [] })
        await Promise.all([write(log, 'cluster/a', 10), write(log, 'cluster/b', 10)])
        const all = await readAll(log)
        const seen: StoredEvent[] = []
        let after: string | undefined
        for (let read = 7; read === 7;) {
          const page = await log.read({ order: 'newest', limit: 7, ...(after !== undefined && { after }) })
          seen.push(...page.events)
          ;({ next: after } = page)
          read = page.events.length
        }
        expect(seen).toEqual(all.toReversed())
        expect((await log.read({ order: 'newest', after: after! })).events).toEqual([])
        const ofA = await log.read({ order: 'newest', stream: 'cluster/a', limit: 1 })
        expect(ofA.events).toEqual([all.findLast(({ subject }) => subject === 'cluster/a')])
      })

      it('filters by stream, family and type, and counts what it left out as seen', async () => {
        await log.append([
          { stream: 'cluster/a', events: [failover(1)] },
          { stream: 'cluster/ab', events: [failover(2)] },
          { stream: 'control', events: [frozen('x')] },
          { stream: 'cluster/a', events: [failover(3)] },
          { stream: 'access/1', events: [denied] },
        ])
        const types = async (options: Parameters<EventLog['read']>[0]) =>
          (await log.read(options)).events.map((event) => `${event.subject} ${event.streamversion}`)
        expect(await types({ stream: 'cluster/a' })).toEqual(['cluster/a 1', 'cluster/a 2'])
        expect(await types({ stream: 'cluster/' })).toEqual(['cluster/a 1', 'cluster/ab 1', 'cluster/a 2'])
        expect(await types({ type: 'io.slotwise.freeze.changed' })).toEqual(['control 1'])
        expect(await types({ stream: 'cluster/', type: 'io.slotwise.freeze.changed' })).toEqual([])
        expect(await types({ stream: 'cluster' })).toEqual([])
        expect(await types({ without: 'io.slotwise.cluster.failover' })).toEqual(['control 1', 'access/1 1'])
        const head = await log.head()
        expect((await log.read({ stream: 'control' })).next).toBe(head)
        const first = await log.read({ stream: 'cluster/a', limit: 1 })
        expect(first.next).toBe(first.events[0]!.position)
        const rest = await log.read({ stream: 'cluster/a', limit: 5, after: first.next })
        expect(rest).toMatchObject({ events: [{ streamversion: 2 }], next: head })
      })

      it('gives the events of a stream behind a version', async () => {
        const written = await write(log, 'cluster/a', 5)
        await write(log, 'cluster/b', 1)
        expect(await log.readStream('cluster/a')).toEqual(written)
        expect(await log.readStream('cluster/a', 3)).toEqual(written.slice(3))
        expect(await log.readStream('cluster/a', 5)).toEqual([])
        expect(await log.readStream('cluster/none')).toEqual([])
      })

      it('refuses what is no position and no limit', async () => {
        await expect(log.read({ after: "1' OR 1" })).rejects.toThrow(RangeError)
        await expect(log.read({ limit: 0 })).rejects.toThrow(RangeError)
      })
    })

    describe('follow', () => {
      it('gives what is there and what comes, from several writers, without gaps and doubles', async () => {
        await write(log, 'cluster/before', 3)
        const followers = [followed(log, '', 203), followed(log, await log.head(), 200)]
        await Promise.all(Array.from({ length: 8 }, (_, writer) => write(log, `cluster/${writer}`, 25)))
        const all = await readAll(log)
        expect(await followers[0]).toEqual(all)
        expect(await followers[1]).toEqual(all.slice(3))
      })

      it('keeps its place while the reader is slow', async () => {
        const stop = new AbortController()
        const follower = log.follow('', stop.signal)[Symbol.asyncIterator]()
        const first = follower.next()
        await write(log, 'cluster/a', 30)
        const got = [(await first).value as StoredEvent]
        await write(log, 'cluster/b', 30)
        while (got.length < 60) got.push((await follower.next()).value as StoredEvent)
        expect(got).toEqual(await readAll(log))
        stop.abort()
        expect(await follower.next()).toMatchObject({ done: true })
      })

      it('ends when it is aborted, waiting or not', async () => {
        await write(log, 'cluster/a', 3)
        const stop = new AbortController()
        const waiting = log
          .follow(await log.head(), stop.signal)
          [Symbol.asyncIterator]()
          .next()
        stop.abort()
        expect(await waiting).toMatchObject({ done: true })
        expect(await log.follow('', stop.signal)[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
        expect((await followed(log, '', 2)).map(said)).toEqual(['1', '2'])
      })
    })

    it('takes many events at once', async () => {
      const events = Array.from({ length: 4500 }, (_, n) => failover(n))
      const appended = await log.append([{ stream: 'cluster/a', expectedVersion: 0, events }])
      expect(appended.map(said)).toEqual(events.map(({ data }) => (data as { to: string }).to))
      expect(await log.readStream('cluster/a', 100)).toEqual(appended.slice(100))
      expect(await followed(log, '', 4500)).toEqual(appended)
      expect(await log.verify()).toMatchObject({ ok: true, events: 4500 })
    })

    it('keeps everything when it is opened again, and goes on where it was', async () => {
      const before = await write(log, 'cluster/a', 3)
      await log.digest()
      const stats = await log.stats()
      await reopen()
      expect(await log.readStream('cluster/a')).toEqual(before)
      expect(await log.stats()).toMatchObject({ events: 4, lastDigest: stats.lastDigest })
      const [next] = await log.append([{ stream: 'cluster/a', expectedVersion: 3, events: [failover(4)] }])
      expect(next!.previoushash).toBe(before[2]!.hash)
      expect((await readAll(log)).map((event) => event.position).at(-1)).toBe(next!.position)
      expect((await log.verify()).ok).toBe(true)
    })

    it('refuses everything once it is closed', async () => {
      await log.close()
      await expect(log.append([{ stream: 'cluster/a', events: [failover(1)] }])).rejects.toThrow('closed')
      await expect(log.read()).rejects.toThrow('closed')
      await log.close()
    })

    describe('digest and verify', () => {
      const anchorOf = async () => (await log.stats()).lastDigest
      const problems = async (anchor?: string) => {
        const report = await log.verify(anchor)
        expect(report.ok).toBe(report.problems.length === 0)
        return report.problems.join('\n')
      }
      /** A log with two streams, a digest behind, and one event more in each. */
      const digested = async () => {
        await write(log, 'cluster/a', 3)
        await log.append([{ stream: 'control', events: [frozen('x'), frozen('y')] }])
        await log.digest()
        const anchor = await anchorOf()
        await log.append([
          { stream: 'cluster/a', events: [failover('later')] },
          { stream: 'control', events: [frozen('later')] },
        ])
        return anchor
      }
      const in_ = (stream: string, version: number) => (row: EventRow) =>
        row.stream === stream && row.version === version

      it('finds an empty log and an untouched one in order', async () => {
        expect(await log.verify()).toEqual({ ok: true, events: 0, streams: 0, problems: [], anchor: '' })
        const anchor = await digested()
        const report = { ok: true, events: 8, streams: 3, problems: [], anchor }
        expect(await log.verify()).toEqual(report)
        expect(await log.verify(anchor)).toEqual(report)
      })

      it('lists the heads in a digest, and makes none when there is nothing new', async () => {
        await log.digest()
        expect((await log.stats()).events).toBe(0)
        const anchor = await digested()
        const [digest] = await log.readStream('digest')
        const [a, control] = [await log.readStream('cluster/a'), await log.readStream('control')]
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
        await log.digest()
        await log.digest()
        expect(await log.readStream('digest')).toHaveLength(2)
        expect(await problems(anchor)).toBe('')
      })

      it('lists in a digest what changed since the one before it, and stands for all', async () => {
        await digested()
        await log.digest()
        await reopen()
        for (const n of [1, 2]) {
          const written = await log.append([{ stream: 'cluster/new', events: [failover(n)] }])
          await log.digest()
          const heads = new Map(written.map(headOf))
          const { data } = (await log.readStream('digest')).at(-1)!
          expect(data).toMatchObject({ heads: Object.fromEntries(heads) })
          for (const stream of ['cluster/a', 'control'])
            heads.set(...headOf((await log.readStream(stream)).at(-1)!))
          expect(data).toMatchObject({ all: hashOfHeads(heads) })
          expect(Object.keys((data as EventData<'log.digest'>).heads)).toEqual(['cluster/new'])
        }
        expect(await problems(await anchorOf())).toBe('')
      })

      it('takes digests as older versions made them, which list all heads', async () => {
        await digested()
        await log.digest()
        await log.append([{ stream: 'control', events: [frozen('older')] }])
        await log.digest()
        await reopen(asBefore)
        expect(await problems()).toBe('')
        await write(log, 'cluster/new', 1)
        await log.digest()
        expect(await problems(await anchorOf())).toBe('')
        const { data } = (await log.readStream('digest')).at(-1)!
        expect(Object.keys((data as EventData<'log.digest'>).heads)).toEqual(['cluster/new'])
        await reopen((rows) => rows.filter(({ stream }) => stream !== 'cluster/a'))
        expect(await problems()).toBe(
          'stream cluster/a: digest 1 lists 3 events in it, here are none: it was removed',
        )
      })

      it('shows what was put in before a digest that does not list it', async () => {
        await digested()
        await log.digest()
        await log.append([{ stream: 'control', events: [frozen('new')] }])
        await log.digest()
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
        await reopen(putIn('cluster/a'))
        expect(await problems()).toBe(blamed('cluster/a'))
        await reopen(putIn('cluster/b'))
        expect(await problems()).toBe([blamed('cluster/a'), blamed('cluster/b')].join('\n'))
      })

      it('shows an event that was changed', async () => {
        await digested()
        await reopen((rows) =>
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
        await reopen((rows) =>
          rows.map((row) => (in_('control', 3)(row) ? { ...row, [field]: '2026-01-01T00:00:00Z' } : row)),
        )
        expect(await problems()).toContain('stream control, version 3: its content does not fit its hash')
      })

      it('shows an event that was changed and hashed anew', async () => {
        await digested()
        await reopen((rows) => rows.map((row) => (in_('cluster/a', 2)(row) ? forged(row) : row)))
        expect(await problems()).toContain('cluster/a, version 3: does not continue the event before it')
      })

      it('shows a chain that was forged to its end, by the digest', async () => {
        await digested()
        await reopen((rows) => {
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
        await reopen((rows) => rows.filter((row) => !in_('cluster/a', 2)(row)))
        expect(await problems()).toContain('cluster/a, version 3: comes after version 1')
      })

      it('shows a stream that was cut off before a digest', async () => {
        await digested()
        await reopen((rows) => rows.filter((row) => row.stream !== 'cluster/a' || row.version < 3))
        expect(await problems()).toBe('stream cluster/a: digest 1 lists 3 events, here are 2: it was cut off')
      })

      it('shows a stream that was removed', async () => {
        await digested()
        await reopen((rows) => rows.filter((row) => row.stream !== 'control'))
        expect(await problems()).toBe(
          'stream control: digest 1 lists 2 events in it, here are none: it was removed',
        )
      })

      it('shows a digest that was rewritten to fit', async () => {
        await digested()
        await reopen((rows) =>
          rows.map((row) => (row.stream === 'digest' ? { ...row, data: '{"heads":[]}' } : row)),
        )
        expect(await problems()).toContain('stream digest, version 1: its content does not fit its hash')
      })

      it('shows by its anchor a log that was cut off before it, digests and all', async () => {
        await digested()
        await log.digest()
        const anchor = await anchorOf()
        await reopen((rows) => rows.slice(0, 6))
        expect(await problems()).toBe('')
        expect(await problems(anchor)).toContain(`no digest has the hash ${anchor}`)
        await write(log, 'cluster/new', 2)
        await log.digest()
        expect(await problems(anchor)).toContain('cut off before that digest')
      })

      it('does not mind what was lost after its anchor, which nobody can know', async () => {
        const anchor = await digested()
        await reopen((rows) => rows.slice(0, 7))
        expect(await problems(anchor)).toBe('')
      })
    })
  })
}

const denied: NewEvent = {
  type: 'access.denied',
  data: { source: '::1', method: 'GET', path: '/', status: 401, count: 1, since: '2026-11-22T00:00:00Z' },
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
