import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../test/cluster-node.js'
import { Samples } from '../exposition/families.js'
import { renderText } from '../exposition/text.js'
import { readInfo } from '../redis/info.js'
import { allFamilies } from './catalogue.js'
import { collectTopology } from './cluster-topology.js'
import { collectNode } from './node.js'
import { infoSections, systemSections } from './sections.js'
import { numberOf } from './table.js'
import type { ClusterNode, ClusterReading } from '../redis/replies.js'

function series(
  info: string,
  options: Parameters<typeof collectNode>[2] = {},
  clusterInfo?: string,
): string[] {
  const samples = new Samples()
  const reading = { connectSeconds: 0, durationSeconds: 0, at: 2000, info: readInfo(Buffer.from(info)) }
  collectNode(
    {
      ...reading,
      ...(clusterInfo !== undefined && { clusterInfo: { value: readInfo(Buffer.from(clusterInfo)) } }),
    },
    samples,
    options,
  )
  return [...renderText([{ labels: [], samples }], 'redis')]
    .join('')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
}

describe('the catalogue', () => {
  it('has every family once', () => {
    const names = allFamilies.map(({ name }) => name)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })

  it('has every INFO field once', () => {
    const fields = [...infoSections, ...systemSections].flatMap((section) => Object.keys(section.fields))
    expect(fields.filter((field, i) => fields.indexOf(field) !== i)).toEqual([])
  })

  it('has valid names and a help for each', () => {
    for (const { name, help } of allFamilies) {
      expect(name).toMatch(/^(redis|slotwise)_[a-z0-9_]+$/)
      expect(help).toMatch(/^[A-Z01].*\.$/)
    }
  })
})

describe('INFO', () => {
  it.each([
    ['rdb_last_bgsave_status:ok', 'redis_rdb_last_bgsave_status 1'],
    ['rdb_last_bgsave_status:err', 'redis_rdb_last_bgsave_status 0'],
    ['latest_fork_usec:1234', 'redis_latest_fork_seconds 0.001234'],
    ['uptime_in_seconds:500', 'redis_start_time_seconds 1500'],
    [
      'cmdstat_config|get:calls=3,usec=21,usec_per_call=7.00,rejected_calls=1,failed_calls=2',
      'redis_commands_duration_seconds_total{cmd="config|get"} 0.000021',
    ],
    ['cmdstat_get:calls=3,usec=21,usec_per_call=7.00', 'redis_commands_total{cmd="get"} 3'],
    ['errorstat_MOVED:count=25', 'redis_errors_total{err="MOVED"} 25'],
    ['db3:keys=4,expires=1,avg_ttl=1500', 'redis_db_avg_ttl_seconds{db="db3"} 1.5'],
    ['db0:keys=4,expires=1,avg_ttl=0,subexpiry=2', 'redis_db_keys_with_expiring_items{db="db0"} 2'],
    ['db0:keys=4,expires=1,avg_ttl=0,cached_keys=2', 'redis_db_keys_cached{db="db0"} 2'],
    ['used_active_time_io_thread_1:2.5', 'redis_active_time_io_thread_seconds_total{thread="1"} 2.5'],
    [
      'slave0:ip=10.0.0.2,port=6379,state=online,offset=163,lag=1',
      'redis_connected_slave_lag_seconds{slave_ip="10.0.0.2",slave_port="6379",slave_state="online"} 1',
    ],
    ['cluster_something-new:7', 'redis_cluster_something_new 7'],
  ])('%s -> %s', (line, expected) => expect(series(line)).toContain(expected))

  it('labels what a replica says with its primary', () => {
    const lines = series(
      'role:slave\nmaster_host:h\nmaster_port:1\nmaster_link_status:down\nslave_repl_offset:9\nslave_read_only:1',
    )
    expect(lines).toContain('redis_master_link_up{master_host="h",master_port="1"} 0')
    expect(lines).toContain('redis_slave_repl_offset{master_host="h",master_port="1"} 9')
    expect(lines).toContain('redis_slave_info{master_host="h",master_port="1",read_only="1"} 1')
  })

  it("takes Valkey's server_mode where Redis says redis_mode", () => {
    expect(series('server_mode:cluster').join()).toContain('redis_mode="cluster"')
  })

  it('gives a field of both INFO and CLUSTER INFO once', () => {
    expect(
      series('cluster_unknown:1', {}, 'cluster_unknown:1').filter((line) => line.includes('unknown')),
    ).toHaveLength(1)
  })

  it('has the memory of the host only when asked', () => {
    expect(series('total_system_memory:5')).not.toContain('redis_total_system_memory_bytes 5')
    expect(series('total_system_memory:5', { system: true })).toContain('redis_total_system_memory_bytes 5')
  })

  it('takes the last of a replica that is there twice, and the first of a field that is', () => {
    const replica = (offset: number) => `ip=h,port=1,state=online,offset=${offset},lag=0`
    const lines = series(`slave0:${replica(1)}\nslave1:${replica(2)}\ncmdstat_get:calls=1,calls=2`)
    expect(lines.filter((line) => line.startsWith('redis_connected_slave_offset'))).toEqual([
      'redis_connected_slave_offset_bytes{slave_ip="h",slave_port="1",slave_state="online"} 2',
    ])
    expect(lines.filter((line) => line.startsWith('redis_commands_total'))).toHaveLength(1)
  })

  it('is not misled by names that objects have by themselves', () => {
    const names = ['constructor', '__proto__', 'toString']
    const info = names
      .map((name) => `${name}:1\ncmdstat_get:${name}=5\ndb0:${name}=1\nused_memory:${name}`)
      .join('\n')
    expect(series(info, {}, names.map((name) => `${name}:1`).join('\n')).join()).not.toMatch(
      /NaN|constructor|proto|toString/,
    )
  })

  it('passes over what is no number', () => {
    expect(
      series('used_memory:lots\ncmdstat_get:calls=x\ndb0:keys=?\nslave0:broken\nerrorstat_A:').join(),
    ).not.toMatch(/NaN|undefined|memory_used|commands_total/)
  })
})

describe('numberOf', () => {
  it.each([
    ['1', 1],
    ['-1', -1],
    ['1.50', 1.5],
    ['ok', 1],
    ['fail', 0],
    ['', undefined],
    ['1.2M', undefined],
    [undefined, undefined],
  ])('%s is %s', (text, value) => expect(numberOf(text)).toBe(value))
})

describe('the topology', () => {
  const node = (id: string, more: Partial<ClusterNode>) => nodeOf(`${id}:1`, { id, ...more })
  const reading = (nodes: ClusterNode[]): ClusterReading => ({
    name: 'demo',
    nodes,
    viewsRead: 3,
    views: 1,
    slotsCovered: 16384,
    slotsMigrating: 0,
    failovers: 0,
    at: 0,
  })
  const lines = (nodes: ClusterNode[]) => {
    const samples = new Samples()
    collectTopology(reading(nodes), samples)
    return [...renderText([{ labels: [], samples }], 'redis')].join('').split('\n')
  }

  it('counts the replicas of a shard that can take over', () => {
    const replica = (id: string, flags: string[]) => node(id, { role: 'replica', primaryId: 'p', flags })
    const nodes = [node('p', { slots: [[0, 16383]] }), replica('r', []), replica('f', ['fail'])]
    expect(lines(nodes)).toContain('slotwise_cluster_shard_replicas{shard="s"} 1')
  })

  it('tells a forgotten node apart', () => {
    const text = lines([node('p', { slots: [[0, 16383]] }), node('gone', { flags: ['forgotten'] })]).join(
      '\n',
    )
    expect(text).toContain('slotwise_cluster_node_forgotten{instance="gone:1"} 1')
    expect(text).not.toContain('node_info{instance="gone:1"')
  })
})
