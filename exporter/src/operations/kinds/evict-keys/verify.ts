import type { Comparison } from '../../../contract/operations.js'
import { CommandWriter, bulk } from '../../../redis/command-writer.js'
import { errorOf } from '../../../redis/replies.js'
import { keyText } from '../../keys/key-text.js'
import { factsOf, numberIn, type NodeFacts } from '../../nodes/node-facts.js'
import { primariesOf } from '../../nodes/primaries.js'
import { SlotSet } from '../../slots/slot-set.js'
import { countNode } from './count.js'
import type { LeftOutKey } from './left-out.js'
import type { Work } from './passes.js'
import { numberOf } from './script.js'

const TIMEOUT_MS = 10_000
const TOGETHER = 500
const EXAMPLES = 20
/** Clocks of nodes and of this process, and what an expiry may be late. */
const TOLERANCE_MS = 2000

/**
 * Looks whether keys that were left out are still there. One whose TTL has ended, or on a node that evicts by itself,
 * counts as gone: that proves nothing.
 * @param evictedBefore evicted_keys of each instance when the sample was begun
 * @throws NodeError
 */
export async function lookAgain(
  work: Work,
  keys: readonly LeftOutKey[],
  evictedBefore: ReadonlyMap<string, number>,
): Promise<Comparison> {
  const result = { checked: 0, same: 0, different: 0, missing: 0, gone: 0, examples: [] as string[] }
  await work.cluster.refresh()
  await Promise.all(
    primariesOf(work.cluster).map(async (node) => {
      const slots = new SlotSet(node.slots)
      const here = keys.filter(({ slot }) => slots.has(slot))
      if (here.length === 0) return
      const evicted = numberIn(await factsOf(work.cluster, node, work.connectionName), 'evicted_keys')
      const evicts = evicted > (evictedBefore.get(node.instance) ?? 0)
      const link = work.cluster.rawLink(node.address, work.connectionName)
      try {
        for (let from = 0; from < here.length; from += TOGETHER) {
          await work.turn()
          const part = here.slice(from, from + TOGETHER)
          const out = new CommandWriter()
          for (const { key } of part) {
            out.text(`*2\r\n${bulk('EXISTS')}$${key.length}\r\n`)
            out.bytes(key)
            out.text('\r\n')
          }
          const replies = await link.exchange(out.take(), part.length, TIMEOUT_MS)
          part.forEach(({ key, expiresAt }, i) => {
            // A slot that moves just now cannot be asked.
            if (errorOf(replies[i]!) !== undefined) return
            result.checked++
            if (numberOf(replies[i]!) === 1) result.same++
            else if (evicts || expiresAt - TOLERANCE_MS <= performance.now()) result.gone++
            else {
              result.missing++
              if (result.examples.length < EXAMPLES)
                result.examples.push(`${keyText(key)}: was left out, and is not there any more`)
            }
          })
        }
      } finally {
        link.close()
      }
    }),
  )
  return result
}

/** What a second count of all keys found. */
export interface Counted {
  /** Meet the criteria now. */
  readonly matching: number
  /** Of them those that matched when the run began and that nobody has touched since: it should have found them; undefined: nodes do not tell. */
  readonly missed: number | undefined
  /** By instance: match the pattern, but not every criterion. */
  readonly kept: ReadonlyMap<string, number>
}

/** @param untouchedSince when the run began, ms since the epoch; undefined under LFU @throws NodeError */
export async function countAgain(
  work: Work,
  nodes: readonly NodeFacts[],
  untouchedSince: number | undefined,
): Promise<Counted> {
  const counts = await Promise.all(
    nodes.map((facts) =>
      countNode(work.cluster, facts.node, {
        criteria: work.criteria,
        name: work.connectionName,
        turn: work.turn,
        ...(untouchedSince !== undefined && { untouchedSince }),
      }),
    ),
  )
  const sum = (of: 'keys' | 'untouched') => counts.reduce((total, count) => total + count[of], 0)
  return {
    matching: sum('keys'),
    missed: untouchedSince === undefined ? undefined : sum('untouched'),
    kept: new Map(nodes.map(({ node }, i) => [node.instance, counts[i]!.kept])),
  }
}
