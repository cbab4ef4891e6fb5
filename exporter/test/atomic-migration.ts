import type { RedisNode } from '../../stack/src/redis-node.js'
import { until } from '../../stack/src/until.js'

/** Slots on their way, of which the old node still serves every request and the new one has a copy. */
export interface Migration {
  /** Lets them go over; resolves when every primary knows. */
  finish(): Promise<void>
}

/**
 * Valkey 9's atomic migration of slots, held before it hands over. The servers need `enable-debug-command`.
 * @param slots inclusive
 */
export async function beginMigration(
  slots: readonly [from: number, to: number],
  from: RedisNode,
  to: RedisNode,
  primaries: readonly RedisNode[],
): Promise<Migration> {
  const range = slots.map(String)
  const target = await to.cli('CLUSTER', 'MYID')
  await from.cli('DEBUG', 'SLOTMIGRATION', 'PREVENT-PAUSE', '1')
  await from.cli('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', ...range, 'NODE', target)
  const is = async (state: string) => {
    const [newest = ''] = (await from.cli('CLUSTER', 'GETSLOTMIGRATIONS')).split(/^name$/m).slice(1)
    if (/^failed$/m.test(newest)) throw new Error(`the migration failed: ${newest}`)
    return new RegExp(`^state\n${state}$`, 'm').test(newest)
  }
  await until(() => is('waiting-to-pause'), { timeoutMs: 20_000, what: 'the copy of the slots' })
  const knows = async (node: RedisNode) => {
    const line = (await node.cli('CLUSTER', 'NODES')).split('\n').find((one) => one.startsWith(target))!
    return [...line.matchAll(/ (\d+)-(\d+)/g)].some(
      ([, first, last]) => Number(first) <= slots[0] && Number(last) >= slots[1],
    )
  }
  return {
    async finish() {
      await from.cli('DEBUG', 'SLOTMIGRATION', 'PREVENT-PAUSE', '0')
      await until(() => is('success'), { timeoutMs: 20_000, what: 'the slots to go over' })
      for (const node of primaries)
        await until(() => knows(node), { timeoutMs: 20_000, what: `${node.address} to know of it` })
    },
  }
}
