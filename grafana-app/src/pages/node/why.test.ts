import { expect, test } from 'vitest'
import type { Eviction, StoredEvent } from '../../api/contract'
import { placed } from '../../features/topology/nodes'
import { threeShards } from '../../test/topology'
import { isAbout, whyNode, type Known } from './why'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const known = (more: Partial<Known> = {}, changed: Parameters<typeof threeShards>[0] = {}): Known => ({
  placed: placed(threeShards(changed)).find(({ node }) => node.instance === 'p1:1')!,
  checks: [],
  alerts: [],
  eviction: undefined,
  beside: {},
  events: [],
  uptimeSeconds: 86_400,
  nowMs: NOW,
  ...more,
})
const texts = (...given: Parameters<typeof known>) =>
  whyNode(known(...given)).map(({ tone, text }) => [tone, text])
const event = (type: string, data: object, subject = 'cluster/demo') =>
  ({
    id: type,
    type: `io.slotwise.${type}`,
    subject,
    data,
    time: '2026-11-22T11:55:00Z',
  }) as unknown as StoredEvent

test('of a node that is well there is nothing to say', () => {
  expect(texts()).toEqual([])
})

test('what is wrong comes before what is unlike its peers, and that before what changed', () => {
  const peers = { low: 90, median: 100, high: 110 }
  const failover = { shard: 's', from: 'p1:1', to: 'r1:1', epoch: 7 }
  expect(
    texts({
      events: [event('cluster.failover', failover)],
      beside: {
        commands: { own: 1000, peers, times: 10 },
        memoryShare: { own: 0.99, peers: undefined, times: undefined },
        clients: { own: 100, peers, times: undefined },
      },
      uptimeSeconds: 60,
    }),
  ).toEqual([
    ['bad', 'It is full or nearly so'],
    ['warning', 'Commands: 1,000/s, 10 times the commands of the other primaries'],
    ['warning', 'It was started 1 min ago'],
    ['plain', 'Last change, 5 min ago: Failover in the shard s: r1:1 took over from p1:1.'],
  ])
})

test('a node that is gone says why it does not answer, and no check says it again', () => {
  const checks = [
    { name: 'nodes_reachable', status: 'failing' as const, evidence: '5 of 6: p1:1', todo: '' },
    { name: 'memory_headroom', status: 'failing' as const, evidence: 'close: p1:1', todo: '' },
    { name: 'replicas_keep_up', status: 'failing' as const, evidence: 'far behind: p1:10', todo: '' },
  ]
  expect(texts({ checks }, { 'p1:1': { error: 'p1:1: connection refused' } })).toEqual([
    ['bad', 'It does not answer'],
    ['warning', 'The check “Memory headroom” fails and names it'],
  ])
})

test('a parameter that most nodes have otherwise is named, on the odd one only', () => {
  const drift = (own: string): Partial<Known> => ({
    eviction: {
      drift: [
        {
          parameter: 'samples',
          values: [
            { value: 5, nodes: ['p2:1', 'p3:1'] },
            { value: 10, nodes: [own] },
          ],
        },
      ],
    } as unknown as Eviction,
  })
  expect(texts(drift('p1:1'))).toEqual([['warning', 'maxmemory-samples is 10, unlike on most nodes']])
  expect(texts(drift('r1:1'))).toEqual([])
})

test('alerts about it are named, not those about others', () => {
  const alert = (node: string) => ({ name: `A-${node}`, node, severity: 'page', summary: 's' }) as never
  expect(texts({ alerts: [alert('p1:1'), alert('p2:1')] })).toEqual([['bad', 'The alert A-p1:1 fires']])
})

test.each([
  [{ node: { instance: 'a.b:1' } }, true],
  [{ evidence: 'flagged: a.b:1 (fail)' }, true],
  [{ node: { instance: 'a.b:10' } }, false],
  [{ node: { instance: 'xa.b:1' } }, false],
  [{ node: { instance: 'aXb:1' } }, false],
  [null, false],
])('an event with %j names the node a.b:1: %s', (data, is) => {
  expect(isAbout({ data }, { instance: 'a.b:1' })).toBe(is)
})
