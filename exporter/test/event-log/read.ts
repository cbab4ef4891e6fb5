import { describe, expect, it } from 'vitest'
import type { NewEvent, StoredEvent } from '../../src/contract/events.js'
import type { EventLog, ReadOptions } from '../../src/events/log.js'
import { failover, followed, frozen, readAll, said, useLog, write, type OpenLog } from './under-test.js'

/** How pages and streams are read. */
export function describeRead(open: OpenLog): void {
  describe('read', () => {
    const under = useLog(open)

    it('gives the events in their order, page by page', async () => {
      expect(await under.log.read()).toMatchObject({ events: [] })
      await Promise.all([write(under.log, 'cluster/a', 20), write(under.log, 'cluster/b', 20)])
      const all = await readAll(under.log, 7)
      expect(all).toHaveLength(40)
      expect((await under.log.read()).events).toEqual(all)
      expect(await under.log.head()).toBe(all.at(-1)!.position)
      expect((await under.log.read({ after: all[38]!.position })).events).toEqual([all[39]])
      expect(await under.log.read({ after: all[39]!.position })).toEqual({
        events: [],
        next: all[39]!.position,
      })
    })

    it('gives the newest first, page by page to the oldest', async () => {
      expect(await under.log.read({ order: 'newest' })).toMatchObject({ events: [] })
      await Promise.all([write(under.log, 'cluster/a', 10), write(under.log, 'cluster/b', 10)])
      const all = await readAll(under.log)
      const seen: StoredEvent[] = []
      let after: string | undefined
      for (let read = 7; read === 7;) {
        const page = await under.log.read({
          order: 'newest',
          limit: 7,
          ...(after !== undefined && { after }),
        })
        seen.push(...page.events)
        ;({ next: after } = page)
        read = page.events.length
      }
      expect(seen).toEqual(all.toReversed())
      expect((await under.log.read({ order: 'newest', after: after! })).events).toEqual([])
      const ofA = await under.log.read({ order: 'newest', stream: 'cluster/a', limit: 1 })
      expect(ofA.events).toEqual([all.findLast(({ subject }) => subject === 'cluster/a')])
    })

    it('filters by stream, family and type, and counts what it left out as seen', async () => {
      await under.log.append([
        { stream: 'cluster/a', events: [failover(1)] },
        { stream: 'cluster/ab', events: [failover(2)] },
        { stream: 'control', events: [frozen('x')] },
        { stream: 'cluster/a', events: [failover(3)] },
        { stream: 'access/1', events: [denied] },
      ])
      const types = async (options: Parameters<EventLog['read']>[0]) =>
        (await under.log.read(options)).events.map((event) => `${event.subject} ${event.streamversion}`)
      expect(await types({ stream: 'cluster/a' })).toEqual(['cluster/a 1', 'cluster/a 2'])
      expect(await types({ stream: 'cluster/' })).toEqual(['cluster/a 1', 'cluster/ab 1', 'cluster/a 2'])
      expect(await types({ type: 'io.slotwise.freeze.changed' })).toEqual(['control 1'])
      expect(await types({ stream: 'cluster/', type: 'io.slotwise.freeze.changed' })).toEqual([])
      expect(await types({ stream: 'cluster' })).toEqual([])
      expect(await types({ without: 'io.slotwise.cluster.failover' })).toEqual(['control 1', 'access/1 1'])
      const head = await under.log.head()
      expect((await under.log.read({ stream: 'control' })).next).toBe(head)
      const first = await under.log.read({ stream: 'cluster/a', limit: 1 })
      expect(first.next).toBe(first.events[0]!.position)
      const rest = await under.log.read({ stream: 'cluster/a', limit: 5, after: first.next })
      expect(rest).toMatchObject({ events: [{ streamversion: 2 }], next: head })
    })

    it('reads one stream on from wherever, forwards and back', async () => {
      for (let n = 0; n < 12; n++)
        await under.log.append([{ stream: `cluster/${'aabac'[n % 5]!}`, events: [failover(n), failover(n)] }])
      const all = await readAll(under.log)
      for (const stream of ['cluster/a', 'cluster/c', 'cluster/none'])
        for (const [i, { position }] of all.entries())
          for (const limit of [3, 100]) {
            const isOwn = ({ subject }: StoredEvent) => subject === stream
            const [behind, before] = [all.slice(i + 1), all.slice(0, i).reverse()]
            const on = await under.log.read({ stream, after: position, limit })
            expect(on.events).toEqual(behind.filter(isOwn).slice(0, limit))
            const back = await under.log.read({ stream, after: position, limit, order: 'newest' })
            expect(back.events).toEqual(before.filter(isOwn).slice(0, limit))
          }
    })

    it('gives folds what they need of the same events', async () => {
      await write(under.log, 'cluster/a', 5)
      await under.log.append([{ stream: 'control', events: [frozen('"\u0000\u2028é😀')] }])
      for (const options of [
        {},
        { limit: 2 },
        { order: 'newest', limit: 3 },
        { stream: 'cluster/', after: '2' },
        { type: 'io.slotwise.freeze.changed' },
        { without: 'io.slotwise.freeze.changed' },
        { stream: 'control', limit: 1 },
      ] satisfies ReadOptions[]) {
        const { events, next } = await under.log.read(options)
        const page = await under.log.readFacts(options)
        expect(page.next).toBe(next)
        expect(page.events).toHaveLength(events.length)
        for (const [i, { type, subject, streamversion, time, data }] of events.entries())
          expect(page.events[i]).toMatchObject({ type, subject, streamversion, time, data })
      }
      await expect(under.log.readFacts({ limit: 0 })).rejects.toThrow(RangeError)
    })

    it('gives the events of a stream behind a version', async () => {
      const written = await write(under.log, 'cluster/a', 5)
      await write(under.log, 'cluster/b', 1)
      expect(await under.log.readStream('cluster/a')).toEqual(written)
      expect(await under.log.readStream('cluster/a', 3)).toEqual(written.slice(3))
      expect(await under.log.readStream('cluster/a', 5)).toEqual([])
      expect(await under.log.readStream('cluster/none')).toEqual([])
    })

    it('refuses what is no position and no limit', async () => {
      await expect(under.log.read({ after: "1' OR 1" })).rejects.toThrow(RangeError)
      await expect(under.log.read({ limit: 0 })).rejects.toThrow(RangeError)
    })
  })
}

/** How a reader gets what comes. */
export function describeFollow(open: OpenLog): void {
  describe('follow', () => {
    const under = useLog(open)

    it('gives what is there and what comes, from several writers, without gaps and doubles', async () => {
      await write(under.log, 'cluster/before', 3)
      const followers = [followed(under.log, '', 203), followed(under.log, await under.log.head(), 200)]
      await Promise.all(Array.from({ length: 8 }, (_, writer) => write(under.log, `cluster/${writer}`, 25)))
      const all = await readAll(under.log)
      expect(await followers[0]).toEqual(all)
      expect(await followers[1]).toEqual(all.slice(3))
    })

    it('keeps its place while the reader is slow', async () => {
      const stop = new AbortController()
      const follower = under.log.follow('', stop.signal)[Symbol.asyncIterator]()
      const first = follower.next()
      await write(under.log, 'cluster/a', 30)
      const got = [(await first).value as StoredEvent]
      await write(under.log, 'cluster/b', 30)
      while (got.length < 60) got.push((await follower.next()).value as StoredEvent)
      expect(got).toEqual(await readAll(under.log))
      stop.abort()
      expect(await follower.next()).toMatchObject({ done: true })
    })

    it('ends when it is aborted, waiting or not', async () => {
      await write(under.log, 'cluster/a', 3)
      const stop = new AbortController()
      const waiting = under.log
        .follow(await under.log.head(), stop.signal)
        [Symbol.asyncIterator]()
        .next()
      stop.abort()
      expect(await waiting).toMatchObject({ done: true })
      expect(await under.log.follow('', stop.signal)[Symbol.asyncIterator]().next()).toMatchObject({
        done: true,
      })
      expect((await followed(under.log, '', 2)).map(said)).toEqual(['1', '2'])
    })
  })
}

const denied: NewEvent = {
  type: 'access.denied',
  data: { source: '::1', method: 'GET', path: '/', status: 401, count: 1, since: '2026-11-22T00:00:00Z' },
}
