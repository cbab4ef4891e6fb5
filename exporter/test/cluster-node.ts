import type { ClusterNode } from '../src/redis/replies.js'

/** A primary without slots, whose id and name are its address, unless the test says otherwise. */
export function nodeOf(address: string, more: Partial<ClusterNode> = {}): ClusterNode {
  return {
    id: address,
    address,
    instance: address,
    role: 'primary',
    primaryId: '',
    shard: 's',
    flags: [],
    slots: [],
    linksDown: 0,
    ...more,
  }
}
