import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { until } from '../../../stack/src/until.js'
import type { StoredEvent } from '../../src/contract/events.js'
import { LogRegressed, LogUnavailable } from '../../src/events/log.js'
import { META } from '../../src/events/stores/redis-streams-keys.js'
import type { StreamsLogOptions } from '../../src/events/stores/redis-streams.js'
import { failover, readAll } from '../event-log/under-test.js'
import { append, soon, untilRefused, useStreamsLogs } from '../streams-logs.js'
import { optionsFor } from '../streams-server.js'

const logs = useStreamsLogs()

describe('a server that must not keep a log', () => {
  it.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction', /its maxmemory-policy allkeys-lru deletes events/],
    ['appendfsync', 'everysec', 'always', /its appendfsync everysec answers before an event is on the disk/],
    ['appendonly', 'no', 'yes', /it keeps no append-only file: set appendonly to yes/],
  ])(
    'is refused in one line for its %s %s, also when it is connected again',
    async (name, bad, good, why) => {
      const log = await logs.open()
      await append(log)
      await logs.node.cli('CONFIG', 'SET', name, bad)
      try {
        const refused = logs.open()
        await expect(refused).rejects.toThrow(LogUnavailable)
        await expect(refused).rejects.toThrow(why)
        await expect(refused).rejects.toThrow(/^event log redis:\/\/127[^\n]+start with --events.allow-loss$/)
        await append(await logs.open({ allowLoss: true }))
        await append(log)
        await logs.node.cli('CLIENT', 'KILL', 'TYPE', 'normal')
        await untilRefused(() => append(log), why)
      } finally {
        await logs.node.cli('CONFIG', 'SET', name, good)
      }
      await append(log)
    },
  )

  it('is refused when it is a replica', async () => {
    const replica = await logs.start({ config: { replicaof: `127.0.0.1 ${logs.node.port}` } })
    await expect(logs.open({ allowLoss: true }, replica)).rejects.toThrow(
      `it is a replica of ${logs.node.address}, and only a primary takes events`,
    )
    await replica.stop('SIGKILL')
  })

  it('is refused when it may not be asked, and told what it did not tell', async () => {
    await logs.node.cli('ACL', 'SETUSER', 'managed', 'on', '>secret', '~*', '+@all', '-config')
    const endpoint = { ...optionsFor(logs.node).endpoint, username: 'managed', password: 'secret' }
    await expect(logs.open({ endpoint })).rejects.toThrow(
      'it does not tell appendfsync, which has to be always (CONFIG GET is not allowed there)',
    )
    await append(await logs.open({ endpoint, allowLoss: true }))
  })

  it('is told when a newer Slotwise wrote the log', async () => {
    await logs.node.cli('HSET', META, 'schema', '99', 'log', 'x')
    await expect(logs.open()).rejects.toThrow(
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
    const refused = logs.open(change(optionsFor(logs.node)))
    await expect(refused).rejects.toThrow(LogUnavailable)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(/^event log rediss?:\/\/127[^\n]+$/)
    await expect(refused).rejects.not.toThrow(/geheim/)
  })

  it('takes nothing when its memory is full, says so, and goes on', async () => {
    const log = await logs.open()
    await append(log)
    await logs.node.cli('CONFIG', 'SET', 'maxmemory', '1')
    const outcomes = await Promise.allSettled([append(log), append(log, 'cluster/new'), append(log)])
    await logs.node.cli('CONFIG', 'SET', 'maxmemory', '0')
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: {
          message: expect.stringContaining('appending failed: its memory is full (maxmemory)') as string,
          unknown: false,
        },
      })
    await append(log)
    expect(await log.verify()).toMatchObject({ ok: true, events: 2 })
  })

  it('keeps nobody waiting for ever when it hangs, and goes on', async () => {
    const log = await logs.open()
    await append(log)
    logs.node.signal('SIGSTOP')
    try {
      await expect(append(log)).rejects.toMatchObject({
        message: expect.stringMatching(
          /appending failed: .*no answer in time.*is there as a whole or not at all: read before trying again/,
        ) as string,
        unknown: true,
      })
    } finally {
      logs.node.signal('SIGCONT')
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
    const secure = await logs.start({ config })
    const at = { address: `rediss://127.0.0.1:${port}` }
    const ca = readFileSync(cert)
    await append(await logs.open({ tls: { ca, servername: 'log.test' } }, at))
    await expect(logs.open({}, at)).rejects.toThrow(/not signed by a CA that is trusted here/)
    await expect(logs.open({ tls: { ca, servername: 'other.test' } }, at)).rejects.toThrow(/for another name/)
    await secure.stop('SIGKILL')
    rmSync(dir, { recursive: true })
  })

  it('does scripts that it has forgotten', async () => {
    const log = await logs.open()
    await append(log)
    await logs.node.cli('SCRIPT', 'FLUSH')
    await append(log)
    expect(await readAll(log)).toHaveLength(2)
  })
})

describe('a server that is killed', () => {
  it('has every acknowledged append once, whole and in order, and followers see each once', async () => {
    const writers = [await logs.open(), await logs.open()]
    const reader = await logs.open()
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
      await logs.node.stop('SIGKILL')
      await logs.node.start()
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
