import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild, whenUp, type Child } from '../../../stack/src/child.js'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { answersOk, httpGet } from '../../../stack/src/http.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { findServer } from '../../../stack/src/servers.js'
import { parseExposition, type ParsedFamily } from '../exposition.js'

/** Families of redis_exporter 1.86 about its own process. */
const OTHER_SOURCES = /^(go_|process_|promhttp_)/

/** Flags of both: as they come, and with everything switched on that these servers have something to say to. */
const modes = {
  'by default': [],
  'with everything': [
    '--include-system-metrics',
    '--include-config-metrics',
    '--include-rdb-file-size-metric',
    '--include-modules-metrics',
    '--include-sentinel-peer-info',
    '--export-client-list',
    '--export-client-port',
    '--append-instance-role-label',
    '--ping-on-connect',
  ],
}

/** What Slotwise mends; docs/migrating-from-redis-exporter.md gives the reasons. */
const MENDED = {
  families: new Set(['redis_db_keys_cached']),
  /** redis_exporter leaves redis_mode empty on Valkey. */
  labels: /redis_mode="[^"]*"/,
}

/** Families whose value does not depend on when one looks. */
const STEADY =
  /^redis_(up|instance_info|slave_info|memory_max_bytes|max_clients|process_id|db_keys|db_keys_expiring|connected_slaves|cluster_(enabled|state|size|known_nodes|slots_\w+|my_epoch|current_epoch)|master_link_up|replication_backlog_bytes|repl_backlog_is_active|second_repl_offset|aof_\w+|rdb_(last_bgsave_status|saves_total)|config_\w+|commandlog_\w+|slowlog_length|module_info|sentinel_(?!master_last_ok_ping)\w+|errors_total|evicted_keys_total|slave_priority|total_system_memory_bytes)$/

const engines = {
  'Redis 7.0': 'redis-server',
  'Redis 8': 'redis8-server',
  'Valkey 9': 'valkey9-server',
} as const

describe.each(Object.entries(engines))('%s', (_, server) => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-conformance-'))
  const stops: (() => Promise<unknown>)[] = []
  let cluster: RedisCluster
  let standalone: RedisNode
  let sentinel: string

  beforeAll(async () => {
    const [alone, sentinelPort] = await freePorts(2)
    cluster = await startCluster({ ports: await freePorts(2, { bus: true }), dir, server })
    stops.push(() => cluster.stop())
    standalone = await startNode({ port: alone!, dir, server })
    stops.push(() => standalone.stop())
    for (const node of [cluster.nodes[0]!, standalone]) {
      await node.cli('SET', 'key', 'value', 'EX', '10000')
      await node.cli('GET', 'key')
      await node.cli('LPUSH', 'key', 'x').catch(() => undefined)
      await node.cli('CONFIG', 'SET', 'latency-monitor-threshold', '1')
      await node.cli('EVAL', 'local x = 0 for i = 1, 3e6 do x = x + i end return 1', '0')
    }
    sentinel = await startSentinel(sentinelPort!)
  })

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** A Sentinel that watches the standalone node. */
  async function startSentinel(port: number): Promise<string> {
    const file = join(dir, 'sentinel.conf')
    writeFileSync(
      file,
      `port ${port}\nbind 127.0.0.1\nsentinel monitor orders 127.0.0.1 ${standalone.port} 1\n`,
    )
    const child = startChild({ name: 'sentinel', command: findServer(server), args: [file, '--sentinel'] })
    stops.push(() => child.stop())
    await whenUp(child, () => Promise.resolve(child.tail(50).includes('monitor master orders')), {
      timeoutMs: 40_000,
      what: 'the Sentinel to watch',
    })
    return `127.0.0.1:${port}`
  }

  const roles = {
    primary: () => cluster.nodes[0]!.address,
    replica: () => cluster.nodes[1]!.address,
    standalone: () => standalone.address,
    sentinel: () => sentinel,
  }

  describe.each(Object.entries(modes))('%s', (_, flags) => {
    let ours: Exporter
    let peer: Child
    let peerUrl: string

    beforeAll(async () => {
      const [ourPort, peerPort] = await freePorts(2)
      ours = await startExporter({
        port: ourPort!,
        args: ['--redis.addr', standalone.address, '--scrape.allow', '127.0.0.1', ...flags],
      })
      peerUrl = `http://127.0.0.1:${peerPort}`
      peer = startChild({
        name: 'redis_exporter',
        command: findServer('redis_exporter'),
        args: ['--redis.addr=', `--web.listen-address=127.0.0.1:${peerPort}`, ...flags],
      })
      await whenUp(peer, () => answersOk(`${peerUrl}/health`), {
        timeoutMs: 40_000,
        what: 'redis_exporter to answer',
      })
    })
    afterAll(async () => {
      await peer.stop()
      await ours.stop()
    })

    it('the same families of the process, but for the runtime of Go', async () => {
      const typesOf = (text: string) =>
        [...parseExposition(text)].flatMap(([name, { type }]) =>
          name.startsWith('process_') ? [`${name} ${type}`] : [],
        )
      const [theirs, own] = await Promise.all([httpGet(`${peerUrl}/metrics`), ours.get('/metrics')])
      expect(typesOf(theirs.body).length).toBeGreaterThan(5)
      expect(typesOf(own.body)).toEqual(expect.arrayContaining(typesOf(theirs.body)))
    })

    it.each(Object.keys(roles) as (keyof typeof roles)[])(
      '%s: the same families, types, labels and steady values',
      async (role) => {
        const path = `/scrape?target=redis://${roles[role]()}`
        const theirs = parseExposition((await httpGet(`${peerUrl}${path}`)).body)
        const own = parseExposition((await ours.get(path)).body)
        expect(theirs.size).toBeGreaterThan(role === 'sentinel' ? 80 : 150)

        const inScope = [...theirs].filter(
          ([name]) => !OTHER_SOURCES.test(name) && !MENDED.families.has(name),
        )
        const shape = (families: Iterable<[string, ParsedFamily | undefined]>) =>
          [...families].map(
            ([name, family]) =>
              `${name} ${family?.type ?? 'is missing'} ${[...(family?.labelNames ?? [])].join(' ')}`,
          )
        expect(shape(inScope.map(([name]) => [name, own.get(name)]))).toEqual(shape(inScope))

        const steady = (families: Map<string, ParsedFamily>) =>
          inScope
            .filter(([name]) => STEADY.test(name))
            .flatMap(([name]) =>
              [...families.get(name)!.samples].map(
                ([series, value]) => `${series.replace(MENDED.labels, '')} ${value}`,
              ),
            )
            .sort()
        expect(steady(own)).toEqual(steady(theirs))
        expect(steady(own).length).toBeGreaterThan(25)
        expect(Math.abs(startTimeOf(own) - startTimeOf(theirs))).toBeLessThanOrEqual(1)
      },
    )
  })
})

function startTimeOf(families: Map<string, ParsedFamily>): number {
  return [...families.get('redis_start_time_seconds')!.samples.values()][0]!
}
