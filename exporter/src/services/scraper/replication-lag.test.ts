import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import type { Member } from '../../redis/cluster.js'
import type { ClusterNode, NodeReading } from '../../redis/replies.js'
import { OffsetHistory, ReplicationLag } from './replication-lag.js'

describe('an offset history', () => {
  const history = new OffsetHistory()
  for (const [at, offset] of [
    [100, 1000],
    [110, 2000],
    [120, 2000],
    [130, 5000],
  ] as const)
    history.add(at, offset)

  it.each([
    ['has all', 5000, 131, { bytes: 0, seconds: 0 }],
    ['is ahead of what was last seen', 6000, 131, { bytes: 0, seconds: 0 }],
    ['has what there was when it was read', 2000, 129, { bytes: 0, seconds: 0 }],
    ['stopped where the primary was for a while', 2000, 140, { bytes: 3000, seconds: 20 }],
    ['stopped in between', 3500, 140, { bytes: 1500, seconds: 15 }],
    ['stopped before the first point', 400, 140, { bytes: 4600, seconds: 40 }],
    ['was read before the primary', 1000, 99, undefined],
  ])('a replica that %s', (_, offset, at, behind) => expect(history.behind(offset, at)).toEqual(behind))

  it('begins anew when the primary does', () => {
    const restarted = new OffsetHistory()
    restarted.add(100, 9000)
    restarted.add(110, 50)
    restarted.add(110, 60)
    expect(restarted.behind(50, 120)).toEqual({ bytes: 0, seconds: 0 })
  })
})

describe('replication lag', () => {
  const node = (id: string, port: number, primaryId: string) =>
    nodeOf(`10.0.0.1:${port}`, {
      id,
      instance: `${id}:${port}`,
      role: primaryId === '' ? 'primary' : 'replica',
      primaryId,
    })
  const member = (node: ClusterNode, at: number, info?: Record<string, string>): Member => {
    const last: NodeReading = {
      connectSeconds: 0,
      durationSeconds: 0,
      at,
      ...(info ? { info: new Map(Object.entries(info)) } : { error: 'down' }),
    }
    return { node, reader: { last } as Member['reader'] }
  }
  const primaryAt = (at: number, offset: number, acknowledged: number) =>
    member(node('p', 1, ''), at, {
      role: 'master',
      master_repl_offset: String(offset),
      slave0: `ip=10.0.0.1,port=3,state=online,offset=1,lag=0`,
      slave1: `ip=10.0.0.1,port=2,state=online,offset=${acknowledged},lag=0`,
    })
  const replicaAt = (at: number, offset: number) =>
    member(node('r', 2, 'p'), at, { role: 'slave', slave_repl_offset: String(offset) })
  const told = { instance: 'r:2', shard: 's' }

  it('is what the replica says of itself, and of one that is silent what its primary has heard', () => {
    const lag = new ReplicationLag()
    expect(lag.update({ members: [primaryAt(100, 1000, 1000), replicaAt(100, 1000)] })).toEqual([
      { ...told, bytes: 0, seconds: 0 },
    ])
    expect(lag.update({ members: [primaryAt(110, 2000, 1000), replicaAt(111, 1500)] })).toEqual([
      { ...told, bytes: 500, seconds: 6 },
    ])
    const silent = member(node('r', 2, 'p'), 120)
    expect(lag.update({ members: [primaryAt(120, 2000, 1500), silent] })).toEqual([
      { ...told, bytes: 500, seconds: 15 },
    ])
  })

  it('is unknown where the roles are not yet what the topology says, or the primary was never read', () => {
    const promoted = member(node('p', 1, ''), 100, { role: 'slave', slave_repl_offset: '7' })
    expect(new ReplicationLag().update({ members: [promoted, replicaAt(100, 7)] })).toEqual([])
    expect(new ReplicationLag().update({ members: [replicaAt(100, 7)] })).toEqual([])
  })
})
