import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster } from '../../../stack/src/redis-cluster.js'
import type { StoredEvent } from '../../src/contract/events.js'
import { VersionConflict } from '../../src/events/log.js'
import { failover } from '../event-log/under-test.js'
import { startSqliteChild, type SqliteChild } from '../sqlite-child.js'
import { append, useStreamsLogs } from '../streams-logs.js'
import { DURABLE } from '../streams-server.js'

const logs = useStreamsLogs()

describe('several processes', () => {
  const children: SqliteChild[] = []
  afterAll(async () => {
    for (const child of children) await child.kill()
  })

  it('write to the same streams, each event behind the last', async () => {
    const race = async (child: SqliteChild, times: number) => {
      let conflicts = 0
      for (let done = 0, version = 0; done < times;) {
        const raced = { stream: 'cluster/raced', expectedVersion: version, events: [failover(child.pid)] }
        const free = { stream: 'cluster/free', events: [failover(child.pid)] }
        try {
          const [event] = await child.call<StoredEvent[]>('append', [raced, free])
          version = event!.streamversion
          done++
        } catch (error) {
          if ((error as Error).name !== 'VersionConflict') throw error
          version = Number(/is at version (\d+)/.exec((error as Error).message)![1])
          conflicts++
        }
      }
      return conflicts
    }
    for (let n = 0; n < 2; n++) {
      const child = startSqliteChild()
      children.push(child)
      await child.call('openStreams', logs.node.address)
    }
    const log = await logs.open()
    const mine = (async () => {
      for (let n = 0; n < 100; n++) await append(log, 'cluster/free')
    })()
    await Promise.all([...children.map((child) => race(child, 100)), mine])
    await log.digest()
    expect(await log.verify()).toMatchObject({ ok: true, problems: [], events: 501 })
    const versions = async (stream: string) =>
      (await log.readStream(stream)).map(({ streamversion }) => streamversion)
    expect(await versions('cluster/raced')).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
    expect(await versions('cluster/free')).toEqual(Array.from({ length: 300 }, (_, n) => n + 1))
  })

  it('do not both win', async () => {
    const [one, other] = [await logs.open(), await logs.open()]
    await append(one)
    await append(other)
    const both = [one, other].map((log) =>
      log.append([{ stream: 'cluster/a', expectedVersion: 2, events: [failover('won')] }]),
    )
    const outcomes = await Promise.allSettled(both)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const lost = outcomes.find((outcome) => outcome.status === 'rejected')
    expect(lost?.reason).toBeInstanceOf(VersionConflict)
    expect(lost?.reason).toMatchObject({ expected: 2, actual: 3 })
  })
})

describe('a cluster', () => {
  it('keeps the log on one node, which is found from every other', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-streams-cluster-'))
    const ports = await freePorts(2, { bus: true })
    const cluster = await startCluster({ ports, dir, replicas: 0, config: DURABLE })
    const [one, other] = [await logs.open({}, cluster.nodes[0]), await logs.open({}, cluster.nodes[1])]
    const stop = new AbortController()
    const follower = other.follow('', stop.signal)[Symbol.asyncIterator]()
    const [event] = await append(one)
    expect((await follower.next()).value).toEqual(event)
    expect(await append(other)).toMatchObject([{ streamversion: 2 }])
    await one.saveSnapshot('a', 1, { position: await one.head(), state: {} })
    expect((await one.trim('9999-01-01T00:00:00Z')).events).toBe(2)
    expect(await other.verify()).toMatchObject({ ok: true, events: 1 })
    stop.abort()
    await logs.close()
    await cluster.stop()
    rmSync(dir, { recursive: true })
  })
})
