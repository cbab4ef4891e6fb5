import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import type { StoredEvent } from '../../src/contract/events.js'
import { LogRegressed, LogUnavailable, VersionConflict, type EventLog } from '../../src/events/log.js'
import { LOG, META } from '../../src/events/stores/redis-streams-keys.js'
import { openStreamsLog, type StreamsLogOptions } from '../../src/events/stores/redis-streams.js'
import { failover, readAll } from '../event-log/under-test.js'
import { startForwarder } from '../forwarder.js'
import { startSqliteChild, type SqliteChild } from '../sqlite-child.js'
import { DURABLE, optionsFor, startStreamsServer, type StreamsServerUnderTest } from '../streams-server.js'

const soon = { timeoutMs: 30_000 }
/** Tries until it fails with this message: the connection may have to break first. */
const untilRefused = (act: () => Promise<unknown>, message: RegExp) =>
  until(
    () =>
      act().then(
        () => undefined,
        (error: unknown) => (message.test((error as Error).message) ? (error as Error) : undefined),
      ),
    { ...soon, what: String(message) },
  )
const append = (log: EventLog, stream = 'cluster/a') => log.append([{ stream, events: [failover(1)] }])

let server: StreamsServerUnderTest
let node: RedisNode
const logs: EventLog[] = []
const open = async (more: Partial<StreamsLogOptions> = {}, at: Pick<RedisNode, 'address'> = node) => {
  const log = await openStreamsLog({ ...optionsFor(at), ...more })
  logs.push(log)
  return log
}

beforeAll(async () => {
  server = await startStreamsServer()
  node = server.node
})
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
  await node.cli('FLUSHALL')
})
afterAll(() => server.remove())

describe('a server that must not keep a log', () => {
  it.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction', /its maxmemory-policy allkeys-lru deletes events/],
    ['appendfsync', 'everysec', 'always', /its appendfsync everysec answers before an event is on the disk/],
    ['appendonly', 'no', 'yes', /it keeps no append-only file: set appendonly to yes/],
  ])(
    'is refused in one line for its %s %s, also when it is connected again',
    async (name, bad, good, why) => {
      const log = await open()
      await append(log)
      await node.cli('CONFIG', 'SET', name, bad)
      try {
        const refused = open()
        await expect(refused).rejects.toThrow(LogUnavailable)
        await expect(refused).rejects.toThrow(why)
        await expect(refused).rejects.toThrow(/^event log redis:\/\/127[^\n]+start with --events.allow-loss$/)
        await append(await open({ allowLoss: true }))
        await append(log)
        await node.cli('CLIENT', 'KILL', 'TYPE', 'normal')
        await untilRefused(() => append(log), why)
      } finally {
        await node.cli('CONFIG', 'SET', name, good)
      }
      await append(log)
    },
  )

  it('is refused when it is a replica', async () => {
    const replica = await server.start({ config: { replicaof: `127.0.0.1 ${node.port}` } })
    await expect(open({ allowLoss: true }, replica)).rejects.toThrow(
      `it is a replica of ${node.address}, and only a primary takes events`,
    )
    await replica.stop('SIGKILL')
  })

  it('is refused when it may not be asked, and told what it did not tell', async () => {
    await node.cli('ACL', 'SETUSER', 'managed', 'on', '>secret', '~*', '+@all', '-config')
    const endpoint = { ...optionsFor(node).endpoint, username: 'managed', password: 'secret' }
    await expect(open({ endpoint })).rejects.toThrow(
      'it does not tell appendfsync, which has to be always (CONFIG GET is not allowed there)',
    )
    await append(await open({ endpoint, allowLoss: true }))
  })

  it('is told when a newer Slotwise wrote the log', async () => {
    await node.cli('HSET', META, 'schema', '99', 'log', 'x')
    await expect(open()).rejects.toThrow(
      /was written by a newer Slotwise \(its schema is version 99, this program knows 1\); start that one/,
    )
  })
})

describe('a server that fails', () => {
  it.each<[string, (options: StreamsLogOptions) => Partial<StreamsLogOptions>, RegExp]>([
    [
      'a wrong password',
      ({ endpoint }) => ({ endpoint: { ...endpoint, username: 'nobody', password: 'geheim' } }),
      /connecting failed: user name or password are wrong/,
    ],
    [
      'no server',
      ({ endpoint }) => ({ endpoint: { ...endpoint, port: 1 } }),
      /connection refused: nothing listens/,
    ],
    ['no such database', () => ({ db: 5000 }), /it has no such database/],
  ])('says so in one line: %s', async (_, change, message) => {
    const refused = open(change(optionsFor(node)))
    await expect(refused).rejects.toThrow(LogUnavailable)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(/^event log rediss?:\/\/127[^\n]+$/)
    await expect(refused).rejects.not.toThrow(/geheim/)
  })

  it('takes nothing when its memory is full, says so, and goes on', async () => {
    const log = await open()
    await append(log)
    await node.cli('CONFIG', 'SET', 'maxmemory', '1')
    const outcomes = await Promise.allSettled([append(log), append(log, 'cluster/new'), append(log)])
    await node.cli('CONFIG', 'SET', 'maxmemory', '0')
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: {
          message: expect.stringContaining('appending failed: its memory is full (maxmemory)') as string,
        },
      })
    await append(log)
    expect(await log.verify()).toMatchObject({ ok: true, events: 2 })
  })

  it('keeps nobody waiting for ever when it hangs, and goes on', async () => {
    const log = await open()
    await append(log)
    node.signal('SIGSTOP')
    try {
      await expect(append(log)).rejects.toThrow(
        /appending failed: .*no answer in time.*is there as a whole or not at all: read before trying again/,
      )
    } finally {
      node.signal('SIGCONT')
    }
    await append(log)
    const events = await readAll(log)
    expect([2, 3]).toContain(events.length)
    expect((await log.verify()).problems).toEqual([])
  })

  it('is spoken to in TLS, by the CA and the name that are given', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-streams-tls-'))
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const names = ['-subj', '/CN=log.test', '-addext', 'subjectAltName=DNS:log.test']
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...names], { stdio: 'ignore' })
    const [port] = await freePorts(1)
    const files = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-ca-cert-file': cert }
    const config = { 'tls-port': String(port), 'tls-auth-clients': 'no', ...files }
    const secure = await server.start({ config })
    const at = { address: `rediss://127.0.0.1:${port}` }
    const ca = readFileSync(cert)
    await append(await open({ tls: { ca, servername: 'log.test' } }, at))
    await expect(open({}, at)).rejects.toThrow(/not signed by a CA that is trusted here/)
    await expect(open({ tls: { ca, servername: 'other.test' } }, at)).rejects.toThrow(/for another name/)
    await secure.stop('SIGKILL')
    rmSync(dir, { recursive: true })
  })

  it('does scripts that it has forgotten', async () => {
    const log = await open()
    await append(log)
    await node.cli('SCRIPT', 'FLUSH')
    await append(log)
    expect(await readAll(log)).toHaveLength(2)
  })
})

describe('a server that is killed', () => {
  it('has every acknowledged append once, whole and in order, and followers see each once', async () => {
    const writers = [await open(), await open()]
    const reader = await open()
    const acknowledged: StoredEvent[] = []
    const stop = new AbortController()
    const seen: StoredEvent[] = []
    const following = (async () => {
      for await (const event of reader.follow('', stop.signal)) seen.push(event)
    })()
    let over = false
    const writing = writers.flatMap((log, w) =>
      [0, 1, 2].map(async (n) => {
        while (!over) {
          const events = [failover(n), failover(n)]
          const both = [
            { stream: `cluster/${w}-${n}`, events },
            { stream: 'cluster/shared', events },
          ]
          await log.append(both).then(
            (appended) => acknowledged.push(...appended),
            async (error: unknown) => {
              if (!(error instanceof LogUnavailable) || error instanceof LogRegressed) throw error
              await new Promise((resolve) => setTimeout(resolve, 20))
            },
          )
        }
      }),
    )
    for (let round = 0; round < 4; round++) {
      const enough = acknowledged.length + 100
      await until(() => acknowledged.length >= enough, { ...soon, what: `${enough} events` })
      await node.stop('SIGKILL')
      await node.start()
    }
    const more = acknowledged.length + 100
    await until(() => acknowledged.length >= more, { ...soon, what: `${more} events` })
    over = true
    await Promise.all(writing)
    const all = await readAll(reader, 1000)
    expect(await reader.verify()).toMatchObject({ ok: true, problems: [], events: all.length })
    const hashes = new Map(all.map((event) => [event.position, event.hash]))
    expect(acknowledged.filter(({ position, hash }) => hashes.get(position) !== hash)).toEqual([])
    expect(new Set(acknowledged.map(({ position }) => position)).size).toBe(acknowledged.length)
    expect(all.filter(({ subject }) => subject === 'cluster/shared')).toHaveLength(all.length / 2)
    await until(() => seen.length >= all.length, { ...soon, what: 'the follower to have all' })
    stop.abort()
    await following
    expect(seen).toEqual(all)
  })
})

describe('a server that lost events', () => {
  const regressed = async (act: () => Promise<unknown>) => {
    const error = await untilRefused(act, /^log-regressed: redis:[^\n]+Nothing is appended[^\n]+$/)
    expect(error).toBeInstanceOf(LogRegressed)
  }

  it('is not used when a stale replica was promoted, until the events are back', async () => {
    const replica = await server.start({ config: { replicaof: `127.0.0.1 ${node.port}` } })
    const forwarder = await startForwarder(node.port)
    const log = await open({}, forwarder)
    const reader = await open({}, forwarder)
    await append(log)
    await until(async () => (await replica.cli('XLEN', LOG)) === '1', { ...soon, what: 'the replica' })
    await replica.cli('REPLICAOF', 'NO', 'ONE')
    await append(log)
    const follower = reader.follow('', new AbortController().signal)[Symbol.asyncIterator]()
    expect([(await follower.next()).value, (await follower.next()).value]).toMatchObject([
      { streamversion: 1 },
      { streamversion: 2 },
    ])

    forwarder.to(replica.port)
    await regressed(() => follower.next())
    await regressed(() => append(log))
    await regressed(() => log.acquire('operation/1', 'me', 1000))
    await regressed(() => reader.read())
    // A process that starts now, and has seen nothing of it, is told by those that have.
    await regressed(() => open({}, forwarder))
    expect(await replica.cli('XLEN', LOG)).toBe('1')

    forwarder.to(node.port)
    const back = await until(() => append(log), { ...soon, what: 'the log to go on' })
    expect(back).toMatchObject([{ streamversion: 3 }])
    expect(await reader.verify()).toMatchObject({ ok: true, events: 3 })

    forwarder.to(replica.port)
    await regressed(() => append(log))
    await replica.cli('HDEL', META, 'regressed')
    expect(await append(await open({}, forwarder))).toMatchObject([{ streamversion: 2 }])
    // This one goes on only when it is started again: what it knows is not there.
    await regressed(() => append(log))
    await forwarder.close()
    await replica.stop('SIGKILL')
  })

  it('is not used when it was emptied under the log', async () => {
    const log = await open()
    await append(log)
    await node.cli('FLUSHALL')
    await regressed(() => append(log))
    await regressed(() => open())
    await node.cli('HDEL', META, 'regressed')
    expect(await append(await open())).toMatchObject([{ streamversion: 1 }])
    await expect(append(log)).rejects.toThrow('has another log than before')
  })

  it('says so to processes that know of it, where loss is allowed, and not to new ones', async () => {
    const log = await open({ allowLoss: true })
    await append(log)
    await node.cli('FLUSHALL')
    await expect(append(log)).rejects.toThrow('To go on with what is there, restart Slotwise')
    await append(await open({ allowLoss: true }))
  })
})

describe('a cluster', () => {
  it('keeps the log on one node, which is found from every other', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-streams-cluster-'))
    const ports = await freePorts(2, { bus: true })
    const cluster = await startCluster({ ports, dir, replicas: 0, config: DURABLE })
    const [one, other] = [await open({}, cluster.nodes[0]), await open({}, cluster.nodes[1])]
    const stop = new AbortController()
    const follower = other.follow('', stop.signal)[Symbol.asyncIterator]()
    const [event] = await append(one)
    expect((await follower.next()).value).toEqual(event)
    expect(await append(other)).toMatchObject([{ streamversion: 2 }])
    await one.saveSnapshot('a', 1, { position: await one.head(), state: {} })
    expect((await one.trim('9999-01-01T00:00:00Z')).events).toBe(2)
    expect(await other.verify()).toMatchObject({ ok: true, events: 1 })
    stop.abort()
    for (const log of logs.splice(0)) await log.close()
    await cluster.stop()
    rmSync(dir, { recursive: true })
  })
})

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
      await child.call('openStreams', node.address)
    }
    const log = await open()
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
    const [one, other] = [await open(), await open()]
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
