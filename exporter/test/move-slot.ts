import type { RedisNode } from '../../stack/src/redis-node.js'

/** Moves a slot with all its keys, as redis-cli --cluster does, and tells every primary. */
export async function moveSlot(
  slot: number,
  from: RedisNode,
  to: RedisNode,
  primaries: readonly RedisNode[],
): Promise<void> {
  const [fromId, toId] = await Promise.all([from.cli('CLUSTER', 'MYID'), to.cli('CLUSTER', 'MYID')])
  await to.cli('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', fromId)
  await from.cli('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', toId)
  for (;;) {
    const keys = await from.cli('CLUSTER', 'GETKEYSINSLOT', String(slot), '500')
    if (keys === '') break
    await from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys.split('\n'))
  }
  for (const node of [to, from, ...primaries])
    await node.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', toId)
}
