import { describe, expect, it } from 'vitest'
import type { NewEvent } from '../../src/contract/events.js'
import { VersionConflict } from '../../src/events/log.js'
import { failover, frozen, readAll, said, useLog, write, type OpenLog } from './under-test.js'

/** How events are put in: all or none, each stream at the version that was expected. */
export function describeAppend(open: OpenLog): void {
  describe('append', () => {
    const under = useLog(open)

    it('answers with CloudEvents as they are read again', async () => {
      const time = '2026-11-22T01:02:03+01:00'
      const appended = await under.log.append([
        { stream: 'cluster/demo', events: [{ ...failover(1), time }, failover('zwölf 🎉')] },
      ])
      expect(appended).toEqual(await under.log.readStream('cluster/demo'))
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
      await write(under.log, 'cluster/demo', 2)
      const late = under.log.append([
        { stream: 'cluster/demo', expectedVersion: 1, events: [failover('late')] },
      ])
      await expect(late).rejects.toThrow(VersionConflict)
      await expect(late).rejects.toMatchObject({ stream: 'cluster/demo', expected: 1, actual: 2 })
      await expect(
        under.log.append([{ stream: 'cluster/new', expectedVersion: 1, events: [failover(1)] }]),
      ).rejects.toMatchObject({ expected: 1, actual: 0 })
      expect(await readAll(under.log)).toHaveLength(2)
    })

    it('is all or nothing over several streams', async () => {
      await write(under.log, 'cluster/a', 1)
      const half = under.log.append([
        { stream: 'cluster/b', expectedVersion: 0, events: [failover(1), failover(2)] },
        { stream: 'control', events: [frozen('half')] },
        { stream: 'cluster/a', expectedVersion: 0, events: [failover('half')] },
      ])
      await expect(half).rejects.toThrow('stream cluster/a is at version 1, not 0')
      expect(await readAll(under.log)).toHaveLength(1)
      const whole = await under.log.append([
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
      expect((await under.log.verify()).problems).toEqual([])
    })

    it('takes any number of events, for streams in any order', async () => {
      const counts = [1, 4, 26, 60, 5, 2, 24]
      for (const streams of [1, 2, 3]) {
        const before = (await under.log.read({ order: 'newest', limit: 1 })).next
        const appended = await under.log.append(
          counts.map((count, n) => ({
            stream: `cluster/${n % streams}`,
            events: Array.from({ length: count }, (_, i) => failover(`${n}.${i}`)),
          })),
        )
        expect(appended).toHaveLength(122)
        expect((await under.log.read({ after: before })).events).toEqual(appended)
      }
      expect(await under.log.verify()).toMatchObject({ ok: true, events: 366 })
    })

    it('takes thousands of streams at once, each at its version', async () => {
      const streams = Array.from({ length: 2500 }, (_, n) => `cluster/many-${n}`)
      const appendAt = (expectedVersion: number) =>
        under.log.append(streams.map((stream) => ({ stream, expectedVersion, events: [failover(stream)] })))
      await appendAt(0)
      const last = { stream: streams.at(-1)!, events: [failover('beside')] }
      await under.log.append([last])
      await expect(appendAt(1)).rejects.toMatchObject({ stream: last.stream, expected: 1, actual: 2 })
      await expect(appendAt(0)).rejects.toMatchObject({ expected: 0, actual: 1 })
      const events = await under.log.append(streams.map((stream) => ({ stream, events: [failover(2)] })))
      expect(events.map(({ streamversion }) => streamversion)).toEqual(
        streams.map((stream) => (stream === last.stream ? 3 : 2)),
      )
      expect((await under.log.verify()).problems).toEqual([])
    })

    it('keeps what a payload said at the call, whatever becomes of it until it is written', async () => {
      const stream = 'operation/changed'
      const append = (checkpoint: unknown) =>
        under.log.append([
          { stream, events: [{ type: 'operation.progressed', data: { nodes: [], checkpoint } }] },
        ])
      await append('known')
      const state: Record<string, unknown> = { slots: [1], counts: { written: 1 } }
      const appends = ['under way', 'under way', state, 'beside'].map(append)
      Object.assign(state, { slots: [NaN, undefined, () => 1], counts: state })
      const events = (await Promise.all(appends)).flat()
      expect(events[2]!.data).toEqual({ nodes: [], checkpoint: { slots: [1], counts: { written: 1 } } })
      expect(await under.log.readStream(stream, 1)).toEqual(events)
      expect((await under.log.verify()).problems).toEqual([])
    })

    it('checks versions without events, too', async () => {
      await write(under.log, 'cluster/a', 1)
      expect(await under.log.append([{ stream: 'cluster/a', expectedVersion: 1, events: [] }])).toEqual([])
      await expect(
        under.log.append([{ stream: 'cluster/a', expectedVersion: 0, events: [] }]),
      ).rejects.toThrow(VersionConflict)
      expect(await under.log.append([])).toEqual([])
    })

    it('lets a conflict harm none of the appends beside it', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          under.log.append([
            { stream: 'cluster/raced', expectedVersion: 0, events: [failover(n)] },
            { stream: `cluster/${n}`, events: [failover(n)] },
          ]),
        ),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await readAll(under.log)).toHaveLength(2)
      await Promise.all([write(under.log, 'cluster/x', 3), write(under.log, 'cluster/y', 3)])
      expect((await under.log.verify()).ok).toBe(true)
    })

    it('takes appends that expect each other, called without a wait', async () => {
      const calls = [0, 1, 1, 2].map((expectedVersion, n) =>
        under.log.append([{ stream: 'cluster/a', expectedVersion, events: [failover(n)] }]),
      )
      const outcomes = await Promise.allSettled(calls)
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ])
      expect((await under.log.readStream('cluster/a')).map(said)).toEqual(['0', '1', '3'])
    })

    it('refuses what does not fit its schema, naming the field, and appends nothing', async () => {
      const wrong = { type: 'cluster.failover', data: { shard: 'a', from: 'x' } } as unknown as NewEvent
      await expect(
        under.log.append([{ stream: 'cluster/demo', events: [failover(1), wrong] }]),
      ).rejects.toThrow(/event cluster.failover for stream cluster\/demo: to: /)
      await expect(under.log.append([{ stream: 'operation/1', events: [failover(1)] }])).rejects.toThrow(
        "it stands in streams 'cluster'",
      )
      await expect(
        under.log.append([
          { stream: 'cluster/a', events: [{ type: 'made.up', data: {} } as unknown as NewEvent] },
        ]),
      ).rejects.toThrow('no such type')
      await expect(
        under.log.append([{ stream: 'cluster/a', events: [{ ...failover(1), time: 'yesterday' }] }]),
      ).rejects.toThrow("its time 'yesterday' is not RFC 3339")
      await expect(under.log.append([{ stream: 'cluster/a b', events: [failover(1)] }])).rejects.toThrow(
        'printable ASCII',
      )
      expect(await readAll(under.log)).toEqual([])
    })

    it('takes 8 writers at once, each with a stream of its own and all with one', async () => {
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        let conflicts = 0
        for (let n = 0; n < 10;) {
          const expectedVersion = (await under.log.readStream('control')).length
          try {
            await under.log.append([
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
      const report = await under.log.verify()
      expect(report).toMatchObject({ ok: true, events: 160, streams: 9 })
      const shared = await under.log.readStream('control')
      expect(shared.map((event) => event.streamversion)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1))
    })
  })
}
