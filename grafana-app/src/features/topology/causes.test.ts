import { expect, test } from 'vitest'
import type { Topology } from '../../api/contract'
import { ADVISORY as OF_EXPORTER } from '../../../../exporter/src/services/health/checks'
import { CHECKS } from '../../test/checks'
import { ADVISORY, causesOf, FOLLOW, type Check } from './causes'

const failing = (name: string, evidence: string): Check => ({
  name,
  status: 'failing',
  evidence,
  todo: 'mend it',
})
const shard = (id: string, ...nodes: readonly [instance: string, error?: string][]) => ({
  id,
  slots: [],
  nodes: nodes.map(([instance, error], i) => ({
    id: instance,
    instance,
    address: instance,
    role: i === 0 ? ('primary' as const) : ('replica' as const),
    flags: [],
    ...(error !== undefined && { error }),
  })),
})
const named = (checks: readonly Check[], shards: Topology['shards']) =>
  causesOf(checks, shards).map(({ check, nodes, follow }) => [
    check.name,
    nodes.map(({ node }) => node.instance),
    follow.map(({ name }) => name),
  ])

const DEAD = [shard('s1', ['a:70'], ['a:71', 'connection refused']), shard('s2', ['a:700'], ['a:72'])]

test('what a dead node makes fail is one cause, with what follows from it', () => {
  const checks = [
    failing('nodes_reachable', '3 of 4 nodes answer: a:71'),
    failing('primaries_have_replicas', 'without a replica: a:70'),
    failing('links_up', 'cluster bus link down: a:71'),
    failing('no_node_failing', 'flagged: a:71 (slave,fail)'),
  ]
  expect(named(checks, DEAD)).toEqual([
    ['nodes_reachable', ['a:71'], ['primaries_have_replicas', 'links_up', 'no_node_failing']],
  ])
})

test('what is wrong in another shard stands for itself', () => {
  const checks = [
    failing('nodes_reachable', '3 of 4 nodes answer: a:71'),
    failing('links_up', 'replication link down: a:72'),
    failing('memory_headroom', 'close to maxmemory with noeviction: a:70'),
  ]
  expect(named(checks, DEAD)).toEqual([
    ['nodes_reachable', ['a:71'], []],
    ['links_up', [], []],
    ['memory_headroom', [], []],
  ])
})

test('what is only worth knowing comes last, and passing checks not at all', () => {
  const checks = [
    failing('same_configuration', 'maxmemory: 1, 2'),
    failing('slots_covered', '1 of 16384'),
    { name: 'views_agree', status: 'ok' as const, evidence: '', todo: '' },
  ]
  expect(named(checks, [])).toEqual([
    ['slots_covered', [], []],
    ['same_configuration', [], []],
  ])
})

test('checks are named as the exporter names them, and worth knowing is what it says is', () => {
  expect(CHECKS).toEqual(expect.arrayContaining([...FOLLOW]))
  expect([...ADVISORY].sort()).toEqual([...OF_EXPORTER].sort())
})
