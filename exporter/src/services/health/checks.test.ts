import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import type { ClusterNode, ClusterReading, NodeReading } from '../../redis/replies.js'
import { judge } from './checks.js'

const node = (instance: string, more: Partial<ClusterNode> = {}) =>
  nodeOf(instance, { shard: 's1', slots: [[0, 16383]], ...more })
const replica = (more: Partial<ClusterNode> = {}) =>
  node('b:1', { role: 'replica', primaryId: 'a:1', slots: [], ...more })
const healthy: ClusterReading = {
  name: 'demo',
  nodes: [node('a:1'), replica()],
  viewsRead: 2,
  views: 1,
  slotsCovered: 16384,
  slotsMigrating: 0,
  failovers: 0,
  at: 0,
}
const up: NodeReading = { info: new Map(), connectSeconds: 0, durationSeconds: 0, at: 0 }
const failing = (cluster: Partial<ClusterReading>, readings: Record<string, NodeReading> = {}) =>
  judge({ ...healthy, ...cluster }, new Map(Object.entries(readings))).filter(({ ok }) => !ok)

describe('judge', () => {
  it('finds nothing wrong with a healthy cluster', () =>
    expect(failing({}, { 'a:1': up, 'b:1': up })).toEqual([]))

  it.each<[string, Partial<ClusterReading>, Record<string, NodeReading>, string]>([
    ['nodes_reachable', {}, { 'b:1': { ...up, error: 'x' } }, '1 of 2 nodes answer: b:1'],
    ['slots_covered', { slotsCovered: 10923 }, {}, '10923 of 16384'],
    ['views_agree', { views: 2 }, {}, '2 different opinions'],
    ['views_agree', { views: 0, viewsRead: 0 }, {}, 'no node could be asked'],
    ['primaries_have_replicas', { nodes: [node('a:1')] }, {}, 'without a replica: a:1'],
    ['links_up', { nodes: [node('a:1'), replica({ linksDown: 1 })] }, {}, 'cluster bus link down: b:1'],
    [
      'links_up',
      {},
      { 'b:1': { ...up, info: new Map([['master_link_status', 'down']]) } },
      'replication link down: b:1',
    ],
    ['no_node_failing', { nodes: [node('a:1'), replica({ flags: ['fail?'] })] }, {}, 'flagged: b:1 (fail?)'],
  ])('%s: fails with its evidence and what to do', (name, cluster, readings, evidence) => {
    const checks = failing(cluster, readings)
    expect(checks.map((check) => check.name)).toEqual([name])
    expect(checks[0]!.evidence).toContain(evidence)
    expect(checks[0]!.todo).not.toBe('')
  })

  it.each([
    [6, 'evicting: a:1'],
    [5, 'no node evicts'],
    [0, 'no node evicts'],
  ])('no_evictions: a node that had evicted 5 keys and now %i', (keys, evidence) => {
    const info = new Map([['evicted_keys', String(keys)]])
    const checks = judge(healthy, new Map([['a:1', { ...up, info }]]), new Map([['a:1', 5]]))
    expect(checks.find(({ name }) => name === 'no_evictions')!.evidence).toBe(evidence)
  })

  it('takes no notice of nodes that the cluster has forgotten', () => {
    expect(
      failing({ nodes: [node('a:1'), replica(), node('c:1', { flags: ['forgotten'], slots: [] })] }),
    ).toEqual([])
  })
})
