import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { familiesWhen, valueOf, type Families } from '../exposition.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-canary-'))
let cluster: RedisCluster
let exporter: Exporter

beforeAll(async () => {
  cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
  const [port] = await freePorts(1)
  const seed = `--redis.addr=redis://${cluster.nodes[0]!.address}`
  const canary = ['--canary', '--canary.interval=200ms', '--canary.key-prefix=slotwise:canary:']
  exporter = await startExporter({
    port: port!,
    args: ['--cluster.name=demo', seed, '--discovery.interval=200ms', ...canary],
  })
})
afterAll(async () => {
  await exporter.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

const scrapeUntil = (what: string, condition: (families: Families) => boolean) =>
  familiesWhen(exporter, what, condition)
const ofNode = (families: Families, name: string, address: string, more = '') =>
  valueOf(families, `${name}{${more}instance="${address}",redis_cluster="demo"}`)

describe('the canary', () => {
  const count = (families: Families, address: string, command: string) =>
    ofNode(families, 'slotwise_canary_latency_seconds_count', address, `command="${command}",`) ?? 0

  it('measures a PING on every node, a SET and a GET on every primary', async () => {
    const families = await scrapeUntil('every node to have been measured', (now) =>
      cluster.nodes.every(
        ({ address }, i) =>
          count(now, address, 'ping') >= 2 &&
          (i > 2 || (count(now, address, 'set') > 0 && count(now, address, 'get') > 0)),
      ),
    )
    for (const { address } of cluster.nodes.slice(3)) expect(count(families, address, 'set')).toBe(0)
    const keys = await cluster.nodes[0]!.cli('KEYS', '*')
    expect(keys).toMatch(/^slotwise:canary:\{\d+\}$/)
    expect(Number(await cluster.nodes[0]!.cli('PTTL', keys))).toBeGreaterThan(0)
  })

  it('counts what got no answer', async () => {
    const { address } = cluster.nodes[5]!
    const failures = (now: Families) =>
      ofNode(now, 'slotwise_canary_failures_total', address, 'command="ping",') ?? 0
    cluster.nodes[5]!.signal('SIGSTOP')
    try {
      await scrapeUntil('a failure', (now) => failures(now) > 0)
    } finally {
      cluster.nodes[5]!.signal('SIGCONT')
    }
  })
})

describe('replication lag', () => {
  it('grows in seconds and bytes for a replica that is stopped, and for no other, and goes when it goes on', async () => {
    const lagOf = (families: Families, name: string, address: string) =>
      [...(families.get(`slotwise_cluster_replication_lag_${name}`)?.samples ?? [])].find(([series]) =>
        series.includes(`instance="${address}"`),
      )?.[1]
    const replicas = cluster.nodes.slice(3)
    await scrapeUntil('every replica to be up to date', (now) =>
      replicas.every(({ address }) => lagOf(now, 'seconds', address) === 0),
    )
    const stopped = replicas[1]!
    stopped.signal('SIGSTOP')
    try {
      // The canary itself writes to every primary.
      const families = await scrapeUntil(
        'the lag to grow',
        (now) => (lagOf(now, 'seconds', stopped.address) ?? 0) > 2,
      )
      expect(lagOf(families, 'bytes', stopped.address)).toBeGreaterThan(0)
      for (const { address } of replicas.filter((replica) => replica !== stopped))
        expect(lagOf(families, 'seconds', address)).toBeLessThan(lagOf(families, 'seconds', stopped.address)!)
    } finally {
      stopped.signal('SIGCONT')
    }
    await scrapeUntil('the lag to go', (now) => lagOf(now, 'seconds', stopped.address) === 0)
  })
})
