import { describe, expect, it } from 'vitest'
import type { EventData, StoredEvent } from '../../src/contract/events.js'
import { canonicalJson } from '../../src/events/canonical-json.js'
import { hashOf, hashOfHeads, type EventRow } from '../../src/events/chain.js'
import { failover, followed, readAll, useLog, type OpenLog } from './under-test.js'

/** What a trim removes, what it leaves, and that nothing else hides behind it. */
export function describeTrim(open: OpenLog): void {
  describe('trim', () => {
    const under = useLog(open)

    const OLD = '2026-01-01T00:00:00Z'
    const LIMIT = '2026-02-01T00:00:00.000Z'
    const NEW = '2026-03-01T00:00:00Z'
    const append = async (stream: string, time: string, n: number | string) =>
      (await under.log.append([{ stream, events: [{ ...failover(n), time }] }]))[0]!
    /** As when every fold has seen all that there is. */
    const snapshot = async (position?: string) =>
      under.log.saveSnapshot('health', 1, { position: position ?? (await under.log.head()), state: {} })
    const names = async () =>
      (await readAll(under.log)).map((event) => `${event.subject} ${event.streamversion}`)
    const problems = async (anchor?: string) => (await under.log.verify(anchor)).problems.join('\n')
    /** Two streams with old events, one of them with a new one; a digest with the time of now between. */
    const trimmed = async (more = 0) => {
      for (const n of [1, 2, 3]) await append('cluster/a', OLD, n)
      await append('cluster/gone', OLD, 1)
      const gone = await append('cluster/gone', OLD, 2)
      const kept = await append('cluster/a', NEW, 4)
      await under.log.digest()
      await snapshot()
      expect(await under.log.trim(LIMIT)).toEqual({ events: 5 + more, through: gone.position })
      return { gone, kept }
    }

    it('removes nothing without a snapshot, and nothing that the oldest one does not cover', async () => {
      const events = [await append('cluster/a', OLD, 1), await append('cluster/a', OLD, 2)]
      await append('cluster/a', OLD, 3)
      expect(await under.log.trim(LIMIT)).toEqual({ events: 0, through: undefined })
      await snapshot()
      await under.log.saveSnapshot('discovery', 1, { position: events[1]!.position, state: {} })
      expect(await under.log.trim(OLD)).toEqual({ events: 0, through: undefined })
      expect(await under.log.trim(LIMIT)).toEqual({ events: 2, through: events[1]!.position })
      expect(await names()).toEqual(['cluster/a 3', 'digest 1'])
      expect(await under.log.verify()).toMatchObject({ ok: true, events: 2 })
    })

    it('removes from the beginning on, and stops at the first event that is new enough', async () => {
      await append('cluster/a', '2026-01-31T23:30:00-02:00', 'it is February already')
      await append('cluster/a', OLD, 2)
      await snapshot()
      expect((await under.log.trim(LIMIT)).events).toBe(0)
      expect((await under.log.trim('2026-02-01T01:30:00.001Z')).events).toBe(2)
    })

    it('tells what it removed with the heads that were there', async () => {
      const { gone } = await trimmed()
      const event = (await readAll(under.log)).at(-1)!
      expect(event).toMatchObject({ type: 'io.slotwise.log.trimmed', subject: 'digest', streamversion: 2 })
      expect(event.data).toEqual({
        through: gone.position,
        events: 5,
        heads: {
          'cluster/a': { version: 3, hash: expect.any(String) as string },
          'cluster/gone': { version: 2, hash: gone.hash },
        },
      })
      expect((await under.log.stats()).events).toBe(3)
      expect((await under.log.trim(LIMIT)).events).toBe(0)
      expect((await under.log.stats()).events).toBe(3)
    })

    it('leaves chains that verify and versions that go on, also when it is opened again', async () => {
      const { gone, kept } = await trimmed()
      for (const n of [1, 2]) {
        expect(await under.log.verify()).toMatchObject({ ok: true, problems: [], events: 1 + 2 * n })
        expect((await under.log.readStream('cluster/a'))[0]).toEqual(kept)
        await expect(
          under.log.append([{ stream: 'cluster/gone', expectedVersion: 0, events: [failover(1)] }]),
        ).rejects.toMatchObject({ actual: 1 + n })
        const [next] = await under.log.append([
          { stream: 'cluster/gone', expectedVersion: 1 + n, events: [failover('on')] },
        ])
        if (n === 1) expect(next!.previoushash).toBe(gone.hash)
        await under.log.digest()
        await under.reopen()
      }
      expect(await problems()).toBe('')
    })

    it('leaves digests that stand for the streams that are gone', async () => {
      const { gone } = await trimmed()
      await under.log.digest()
      const digest = (await under.log.readStream('digest')).at(-1)!
      const heads = [await under.log.readStream('cluster/a'), [gone]].map((events) => {
        const { subject, streamversion: version, hash } = events.at(-1)!
        return [subject, { version, hash }] as const
      })
      expect(digest.data).toMatchObject({ heads: {}, all: hashOfHeads(new Map(heads)) })
      expect(await problems((await under.log.stats()).lastDigest)).toBe('')
      await append('cluster/a', NEW, 5)
      await snapshot()
      // Everything goes now: the events, the digests, and the event that told the first trim.
      expect((await under.log.trim('9999-01-01T00:00:00Z')).events).toBe(5)
      expect(await names()).toEqual(['digest 4'])
      expect(await under.log.verify(digest.hash)).toMatchObject({ ok: true, events: 1 })
      await under.reopen()
      expect(await append('cluster/a', NEW, 6)).toMatchObject({ streamversion: 6 })
      expect(await append('cluster/gone', NEW, 3)).toMatchObject({ streamversion: 3 })
      await under.log.digest()
      expect(await problems(digest.hash)).toBe('')
      expect(await problems('f'.repeat(64))).toContain('retention has removed that digest')
    })

    it('tells readers whose place was removed, who can go on with the first event that is left', async () => {
      const first = await append('cluster/a', OLD, 0)
      const stop = new AbortController()
      const follower = under.log.follow(first.position, stop.signal)[Symbol.asyncIterator]()
      const { gone, kept } = await trimmed(1)
      const told = { name: 'PositionTrimmed', through: gone.position }
      for (const after of ['0', first.position]) {
        await expect(under.log.read({ after, limit: 1 })).rejects.toMatchObject(told)
        await expect(under.log.read({ after, stream: 'cluster/gone' })).rejects.toMatchObject(told)
        await expect(under.log.readFacts({ after, stream: 'cluster/' })).rejects.toMatchObject(told)
      }
      expect((await under.log.read({ after: gone.position, limit: 1 })).events).toEqual([kept])
      for (const from of [{}, { after: '' }])
        expect((await under.log.read({ ...from, limit: 1 })).events).toEqual([kept])
      expect((await under.log.read({ after: first.position, order: 'newest' })).events).toEqual([])
      expect((await under.log.read({ order: 'newest' })).events.at(-1)).toEqual(kept)
      expect((await under.log.readStream('cluster/a', 1))[0]).toEqual(kept)
      await expect(follower.next()).rejects.toMatchObject(told)
      expect(await followed(under.log, gone.position, 1)).toEqual([kept])
      stop.abort()
    })

    it('tells a follower that is so slow that its place is trimmed', async () => {
      const first = await append('cluster/a', OLD, 0)
      const stop = new AbortController()
      const follower = under.log.follow('', stop.signal)[Symbol.asyncIterator]()
      expect((await follower.next()).value).toEqual(first)
      const { gone } = await trimmed(1)
      // What it has read already may come; then it is told, and nothing is passed over.
      const seen: StoredEvent[] = []
      const told = await (async () => {
        for (;;) seen.push((await follower.next()).value as StoredEvent)
      })().catch((error: unknown) => error)
      expect(told).toMatchObject({ name: 'PositionTrimmed', through: gone.position })
      expect(seen.map(({ position }) => Number(position))).toEqual(seen.map((_, i) => i + 2))
      stop.abort()
    })

    it('loses nothing that is appended meanwhile', async () => {
      for (let n = 0; n < 20; n++) await append('cluster/old', OLD, n)
      await snapshot()
      const writers = ['a', 'b', 'c'].map(async (name) => {
        for (let n = 0; n < 20; n++) await append(`cluster/${name}`, NEW, n)
      })
      const trims = await Promise.all([
        under.log.trim(LIMIT),
        under.log.trim(LIMIT),
        under.log.verify(),
        ...writers,
      ])
      expect(trims.slice(0, 2)).toContainEqual(expect.objectContaining({ events: 20 }))
      expect(trims[2]).toMatchObject({ problems: [] })
      expect(await under.log.verify()).toMatchObject({ ok: true, problems: [] })
      expect((await readAll(under.log)).filter(({ subject }) => subject !== 'digest')).toHaveLength(60)
      expect(await readAll(under.log)).toHaveLength((await under.log.stats()).events)
    })

    it('refuses what is no time', async () => {
      await expect(under.log.trim('yesterday')).rejects.toThrow(RangeError)
    })

    const is = (stream: string, version: number) => (row: EventRow) =>
      row.stream === stream && row.version === version

    it('hides nothing that was removed besides', async () => {
      await trimmed()
      await append('cluster/a', NEW, 5)
      await under.log.digest()
      await under.reopen((rows) => rows.filter((row) => !is('cluster/a', 4)(row)))
      expect(await problems()).toContain('stream cluster/a, version 5: comes after version 3')
      await under.reopen((rows) => rows.filter(({ stream }) => stream !== 'cluster/a'))
      expect(await problems()).toMatch(
        /^stream cluster\/a: digest \d lists \d events, here are 3: it was cut off/m,
      )
    })

    it('is found out when its event was changed', async () => {
      await trimmed()
      await under.log.digest()
      const lied = (hashAnew: boolean) => (rows: EventRow[]) =>
        rows.map((row) => {
          if (!is('digest', 2)(row)) return row
          const data = row.data.replace('"version":3', '"version":4')
          return { ...row, data, ...(hashAnew && { hash: hashOf({ ...row, data }) }) }
        })
      await under.reopen(lied(false))
      expect(await problems()).toContain('stream digest, version 2: its content does not fit its hash')
      await under.reopen(lied(true))
      expect(await problems()).toContain('stream digest, version 3: does not continue the event before it')
    })

    it('is found out by the first digest when its event tells other heads of streams that are gone', async () => {
      await append('cluster/gone', OLD, 1)
      await append('cluster/a', OLD, 1)
      await under.log.digest()
      await snapshot()
      await append('cluster/a', NEW, 2)
      await under.log.digest()
      const anchor = (await under.log.stats()).lastDigest
      expect((await under.log.trim('9999-01-01T00:00:00Z')).events).toBe(3)
      expect(await problems(anchor)).toBe('')
      await under.reopen((rows) =>
        rows.map((row) => {
          if (!is('digest', 3)(row)) return row
          const { heads, ...told } = JSON.parse(row.data) as EventData<'log.trimmed'>
          delete heads['cluster/gone']
          const lie = { ...row, data: canonicalJson({ ...told, heads }) }
          return { ...lie, hash: hashOf(lie) }
        }),
      )
      expect(await problems(anchor)).toMatch(/^digest 2: its hash of all heads does not fit[^\n]*$/)
    })

    it('is not believed when no event tells it', async () => {
      await trimmed()
      await under.log.digest()
      await under.reopen((rows) => rows.filter((row) => !is('digest', 2)(row)))
      expect(await problems()).not.toBe('')
      await under.reopen((rows) => rows.filter(({ stream }) => stream !== 'digest'))
      expect(await problems()).not.toBe('')
    })
  })
}
