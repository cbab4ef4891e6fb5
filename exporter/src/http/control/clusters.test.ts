import { expect, it } from 'vitest'
import { readingsOf, watched } from '../../../test/fakes.js'
import type { ClusterNode } from '../../redis/replies.js'
import { summaryOf, topologyOf } from './clusters.js'

it('a failed primary whose slots another took over counts neither as one nor in the memory and its limit', () => {
  const { reading, ...cluster } = watched('demo')
  const [replica, primary] = reading!.nodes
  const failed = { ...primary!, id: 'c', instance: 'c:1', flags: ['fail'], slots: [] }
  const readings = new Map([...readingsOf(), ['c:1', readingsOf().get('a:1')!] as const])
  const summary = (nodes: ClusterNode[]) =>
    summaryOf({ ...cluster, reading: { ...reading!, nodes } }, readings, {
      verdict: 'unhealthy',
      operations: [],
    })
  const memory = { usedBytes: 100, maxBytes: 1000 }
  expect(summary([replica!, primary!, failed])).toMatchObject({ primaries: 1, replicas: 1, memory })
  // Where nobody took over it is still the shard's.
  const lost = { ...primary!, flags: ['fail'] }
  expect(summary([replica!, lost])).toMatchObject({ primaries: 1, replicas: 1 })
})

it('slots on their way are told by the names of the nodes, those of two nodes together', () => {
  const { reading, ...cluster } = watched('demo')
  const topology = (migrating: NonNullable<typeof reading>['migrating']) =>
    topologyOf({ ...cluster, reading: { ...reading!, ...(migrating && { migrating }) } }, readingsOf())
  expect(topology(undefined)).not.toHaveProperty('migrating')
  const moves = [9, 7, 8, 12].map((slot) => ({ slot, from: 'a', to: 'b' }))
  expect(topology([...moves, { slot: 3, from: 'a', to: 'gone' }]).migrating).toEqual([
    {
      from: 'a:1',
      to: 'b:1',
      slots: [
        [7, 9],
        [12, 12],
      ],
    },
    { from: 'a:1', to: 'gone', slots: [[3, 3]] },
  ])
})
