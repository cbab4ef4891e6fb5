import { askOne, type KeyNode } from './key-scan.js'
import type { KeyOptions, KeyQuery } from './key-query.js'
import { listOf, type GroupFact } from './replies.js'

type Group = GroupFact['groups'][number]
export type Groups = Map<string, Group>

/**
 * One batch of a SCAN in the server: the keys are grouped where they are, because the patterns are Lua's. Returns the
 * next cursor and then name, count and bytes of each group. A key belongs to the first pattern that matches; its
 * captures, joined, name the group.
 */
const SCRIPT = `
local found = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2])
local counts, bytes = {}, {}
for _, key in ipairs(found[2]) do
  local group = 'unclassified'
  for i = 3, #ARGV do
    local match = { string.find(key, ARGV[i]) }
    if match[1] then
      group = table.concat(match, '', 3)
      break
    end
  end
  local usage = redis.pcall('MEMORY', 'USAGE', key)
  counts[group] = (counts[group] or 0) + 1
  bytes[group] = (bytes[group] or 0) + (type(usage) == 'number' and usage or 0)
end
local reply = { found[1] }
for group, count in pairs(counts) do
  reply[#reply + 1] = group
  reply[#reply + 1] = count
  reply[#reply + 1] = bytes[group]
end
return reply
`

/** Groups whose names differ beyond this are counted as `unclassified`, so that memory stays bounded. */
const MOST_GROUPS = 100_000

/** Adds the groups of a database of a node to `groups`. */
export async function gatherGroups(
  node: KeyNode,
  db: number,
  { groups: patterns }: KeyQuery,
  { batchSize }: KeyOptions,
  groups: Groups,
): Promise<void> {
  let cursor = '0'
  do {
    const command = ['EVAL', SCRIPT, '0', cursor, String(batchSize), ...patterns]
    const [next, ...found] = listOf(await askOne(node, db, command))
    for (let i = 0; i + 2 < found.length; i += 3) {
      const [name, count, bytes] = found.slice(i, i + 3)
      if (typeof name !== 'string' || typeof count !== 'number' || typeof bytes !== 'number') continue
      const known = groups.size < MOST_GROUPS || groups.has(name) ? name : 'unclassified'
      const before = groups.get(known)
      groups.set(known, {
        name: known,
        count: (before?.count ?? 0) + count,
        memoryBytes: (before?.memoryBytes ?? 0) + bytes,
      })
    }
    cursor = typeof next === 'string' ? next : '0'
  } while (cursor !== '0')
}

/** The biggest groups by memory, and the rest as `overflow`. */
export function topGroups(db: number, groups: Groups, most: number): GroupFact {
  const sorted = [...groups.values()].sort(
    (a, b) => b.memoryBytes - a.memoryBytes || b.count - a.count || (a.name < b.name ? -1 : 1),
  )
  const rest = sorted.slice(most)
  const overflow = {
    name: 'overflow',
    count: rest.reduce((sum, { count }) => sum + count, 0),
    memoryBytes: rest.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  }
  return {
    db,
    distinct: sorted.length,
    groups: rest.length > 0 ? [...sorted.slice(0, most), overflow] : sorted,
  }
}
