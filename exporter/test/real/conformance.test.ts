import { mkdtempSync, rmSync } from 'node:fs'
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
import { parseExposition, valueOf, type ParsedFamily } from '../exposition.js'

/** Families of redis_exporter 1.86 about its own process, and those that are still to come. */
const OTHER_SOURCES = /^(go_|process_|promhttp_|redis_(module_info$|search_|sentinel_))/

/** What Slotwise mends; docs/migrating-from-redis-exporter.md gives the reasons. */
const MENDED = {
  families: new Set(['redis_db_keys_cached']),
  /** redis_exporter leaves redis_mode empty on Valkey. */
  labels: /redis_mode="[^"]*"/,
}

/** Families whose value does not depend on when one looks. */
const STEADY =
  /^redis_(up|instance_info|slave_info|memory_max_bytes|max_clients|process_id|db_keys|db_keys_expiring|connected_slaves|cluster_(enabled|state|size|known_nodes|slots_\w+|my_epoch|current_epoch)|master_link_up|replication_backlog_bytes|repl_backlog_is_active|second_repl_offset|aof_\w+|rdb_(last_bgsave_status|saves_total)|config_\w+|commandlog_\w+|slowlog_length|errors_total|evicted_keys_total|slave_priority|hz|configured_hz|total_system_memory_bytes)$/

const engines = {
  'Redis 7.0': 'redis-server',
  'Redis 8': 'redis8-server',
  'Valkey 9': 'valkey9-server',
} as const

describe.each(Object.entries(engines))('%s', (_, server) => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-conformance-'))
  let cluster: RedisCluster
  let standalone: RedisNode
  let ours: Exporter
  let peer: Child
  let peerUrl: string

  beforeAll(async () => {
    const [alone, ourPort, peerPort] = await freePorts(3)
    cluster = await startCluster({ ports: await freePorts(2, { bus: true }), dir, server })
    standalone = await startNode({ port: alone!, dir, server })
    for (const node of [cluster.nodes[0]!, standalone]) {
      await node.cli('SET', 'key', 'value', 'EX', '10000')
      await node.cli('GET', 'key')
      await node.cli('LPUSH', 'key', 'x').catch(() => undefined)
    }
    ours = await startExporter({
      port: ourPort!,
      args: ['--redis.addr', standalone.address, '--scrape.allow', '127.0.0.1', '--include-system-metrics'],
    })
    peerUrl = `http://127.0.0.1:${peerPort}`
    peer = startChild({
      name: 'redis_exporter',
      command: findServer('redis_exporter'),
      args: ['--redis.addr=', `--web.listen-address=127.0.0.1:${peerPort}`, '--include-system-metrics'],
    })
    await whenUp(peer, () => answersOk(`${peerUrl}/health`), {
      timeoutMs: 20_000,
      what: 'redis_exporter to answer',
    })
  })

  afterAll(async () => {
    await peer.stop()
    await ours.stop()
    await standalone.stop()
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const roles = {
    primary: () => cluster.nodes[0]!,
    replica: () => cluster.nodes[1]!,
    standalone: () => standalone,
  }

  it.each(Object.keys(roles) as (keyof typeof roles)[])(
    '%s: the same families, types, labels and steady values',
    async (role) => {
      const path = `/scrape?target=redis://${roles[role]().address}`
      const theirs = parseExposition((await httpGet(`${peerUrl}${path}`)).body)
      const own = parseExposition((await ours.get(path)).body)
      expect(theirs.size).toBeGreaterThan(150)

      const inScope = [...theirs].filter(([name]) => !OTHER_SOURCES.test(name) && !MENDED.families.has(name))
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
      const startTime = (families: Map<string, ParsedFamily>) =>
        valueOf(families, 'redis_start_time_seconds{}')!
      expect(Math.abs(startTime(own) - startTime(theirs))).toBeLessThanOrEqual(1)
    },
  )
})
