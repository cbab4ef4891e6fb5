import { describe, expect, test } from 'vitest'
import { laneOf, nameActor, say, subjectOf, whoOf } from './sentences'

const by = { token: 'grafana-run', claimedUser: 'alice' }
const node = {
  id: 'n1',
  instance: '10.0.0.1:7000',
  role: 'replica',
  primaryId: 'n2',
  shard: 's1',
  failed: true,
  slots: [],
}

const sentences: [type: string, data: unknown, text: string, tone: string][] = [
  ['cluster.discovered', { nodes: [node, node] }, 'First seen, with 2 nodes.', 'plain'],
  ['plan.progressed', { done: 1, total: 4 }, 'The plan has looked at 25 %.', 'plain'],
  ['plan.cancelled', { by, reason: 'x' }, 'The plan was cancelled while it was made: x.', 'plain'],
  ['cluster.node-added', { node }, 'The node 10.0.0.1:7000 joined as a replica.', 'plain'],
  [
    'cluster.node-removed',
    { id: 'x', instance: 'a:1' },
    'The node a:1 is gone: no other knows it any more.',
    'warning',
  ],
  [
    'cluster.node-changed',
    { node, what: ['role', 'failed'] },
    'The replica 10.0.0.1:7000 is a replica now and has failed.',
    'bad',
  ],
  [
    'cluster.failover',
    { shard: 's1', from: 'a:1', to: 'b:1' },
    'Failover in the shard s1: b:1 took over from a:1.',
    'warning',
  ],
  [
    'health.changed',
    { check: 'slots_covered', ok: false, evidence: '9 of 16384', todo: '' },
    'The check “slots covered” fails: 9 of 16384.',
    'bad',
  ],
  [
    'eviction.drifted',
    {
      parameter: 'maxmemory-samples',
      values: [
        { value: '5', nodes: ['a', 'b', 'c', 'd'] },
        { value: '9', nodes: ['e:1'] },
      ],
    },
    'Nodes disagree about maxmemory-samples: 5 on 4 nodes; 9 on e:1.',
    'warning',
  ],
  [
    'eviction.agreed',
    { parameter: 'maxmemory-samples' },
    'Nodes agree about maxmemory-samples again.',
    'good',
  ],
  [
    'plan.requested',
    { kind: 'eviction-policy', cluster: 'demo', spec: {}, by },
    'A plan was asked for: eviction policy of demo.',
    'plain',
  ],
  [
    'plan.ready',
    { hash: 'h', body: { warnings: ['w'] }, expiresAt: '' },
    'The plan is ready, with 1 warning.',
    'plain',
  ],
  [
    'plan.refused',
    { problems: [{ node: 'a:1', reason: 'down', todo: '' }] },
    'The plan forbids its run: a:1: down.',
    'warning',
  ],
  ['plan.staled', { difference: ['x', 'y'], freshPlan: 'p' }, 'The plan went stale: x, y.', 'warning'],
  ['operation.requested', { hash: 'h', reason: 'CHG-1', by }, 'A run began: CHG-1.', 'plain'],
  ['operation.progressed', { nodes: [{ node: 'a:1' }] }, 'It came further on a:1.', 'plain'],
  ['operation.progressed', { nodes: [] }, 'It came further.', 'plain'],
  ['operation.paused', { reason: 'full', gates: ['full'] }, 'It was paused: full.', 'warning'],
  [
    'operation.paused',
    { reason: 'full; frozen', gates: ['full', 'frozen'] },
    'It was paused: full; frozen.',
    'warning',
  ],
  ['operation.paused', { reason: '', gates: ['is it running?'] }, 'It was paused: is it running?', 'warning'],
  ['operation.resumed', { reason: '' }, 'It goes on.', 'plain'],
  [
    'operation.rate-changed',
    { rate: { keysPerSecond: 2000, bytesPerSecond: 1048576 } },
    'It goes at another rate: 2,000 keys/s, 1 MiB/s.',
    'plain',
  ],
  ['operation.cancel-requested', { reason: 'no' }, 'It is to be cancelled: no.', 'warning'],
  [
    'operation.taken-up',
    {},
    'It was taken up again from the last checkpoint: the exporter had stopped meanwhile.',
    'warning',
  ],
  [
    'operation.taken-up',
    { process: 'b-2-22', from: 'a-1-11' },
    'It was taken up again by b-2-22 from the last checkpoint: the exporter a-1-11 had stopped meanwhile.',
    'warning',
  ],
  ['operation.verifying', {}, 'All is done and is being read back.', 'plain'],
  [
    'operation.measured',
    { when: 'before', values: { keys: 1 } },
    'The cluster before the run: 1 key.',
    'plain',
  ],
  [
    'operation.compared',
    { checked: 10, same: 8, different: 1, missing: 1, gone: 0, examples: [] },
    '10 keys were looked at again: 1 differ and 1 are missing.',
    'bad',
  ],
  ['operation.undoing', { reason: 'refused' }, 'It is being taken back: refused.', 'warning'],
  [
    'operation.ended',
    { state: 'needs-attention', summary: 'Look.' },
    'It ended and needs attention: Look.',
    'bad',
  ],
  [
    'operation.reconciled',
    { node: 'a:1', found: [], done: 'set back' },
    'a:1 answers again: set back.',
    'warning',
  ],
  [
    'admission.granted',
    { operation: 'o', kind: 'warmup' },
    'The cluster is held for a run: warmup.',
    'plain',
  ],
  ['admission.released', { operation: 'o' }, 'The cluster is free again.', 'plain'],
  ['freeze.changed', { on: true, reason: 'incident', by }, 'Operations are frozen: incident.', 'warning'],
  [
    'access.denied',
    { source: '10.1.1.1', token: 't', method: 'POST', path: '/x', status: 403, count: 3, since: '' },
    'Refused 3 times: POST /x from 10.1.1.1 with the token t (403).',
    'warning',
  ],
  [
    'operation.overridden',
    { by, checks: ['share-of-keys'] },
    'Checks that forbade the run were overridden: share of keys.',
    'warning',
  ],
  [
    'alert.fired',
    { name: 'RedisDown', severity: 'page', summary: 'a:1 does not answer', repeated: false },
    'RedisDown fires: a:1 does not answer.',
    'bad',
  ],
  ['alert.resolved', { name: 'RedisDown', node: 'a:1' }, 'RedisDown of a:1 is over.', 'good'],
  ['log.trimmed', { events: 2 }, '2 old events left the log, as its retention says.', 'plain'],
  ['log.digest', { heads: { a: {}, b: {} } }, 'An anchor, with news of 2 streams.', 'plain'],
]

test.each(sentences)('%s reads as a sentence', (type, data, text, tone) => {
  expect(say({ type: `io.slotwise.${type}`, data })).toEqual({ text, tone })
})

test('every type of the documentation has its sentence here', async () => {
  const { readFileSync } = await import('node:fs')
  const documented = [...readFileSync('docs/events.md', 'utf8').matchAll(/^### (\S+)$/gm)].map(
    ([, type]) => type,
  )
  expect([...new Set(sentences.map(([type]) => type))].sort()).toEqual(documented.sort())
})

describe('what a newer exporter may bring', () => {
  test.each([
    ['a type that is not known', { type: 'io.slotwise.cluster.renamed', data: {} }, 'cluster.renamed'],
    ['data that is not as expected', { type: 'io.slotwise.plan.ready', data: null }, 'plan.ready'],
    ['the name of a member of all objects', { type: 'io.slotwise.constructor', data: {} }, 'constructor'],
  ])('%s is named', (_, event, text) => expect(say(event).text).toBe(text))
})

test.each([
  ['cluster/demo', 'cluster.failover', 'topology', { cluster: 'demo' }],
  ['cluster/demo', 'health.changed', 'health', { cluster: 'demo' }],
  ['cluster/demo', 'eviction.drifted', 'health', { cluster: 'demo' }],
  ['operation/7', 'operation.ended', 'operations', { operation: '7' }],
  ['admission/demo', 'admission.granted', 'log', { cluster: 'demo' }],
  ['control', 'freeze.changed', 'operations', {}],
  ['access/1', 'access.denied', 'access', {}],
  ['digest', 'log.digest', 'log', {}],
])('an event of %s and type %s is in the lane %s', (subject, type, lane, about) => {
  const event = { subject, type: `io.slotwise.${type}`, data: {} }
  expect(laneOf(event)).toBe(lane)
  expect(subjectOf(event)).toEqual(about)
})

test('who did it is named with the token', () => {
  expect(nameActor(whoOf({ data: { by } })!)).toBe('alice (token grafana-run)')
  expect(nameActor({ token: 't' })).toBe('token t')
  expect(whoOf({ data: null })).toBeUndefined()
})
