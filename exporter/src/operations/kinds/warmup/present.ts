import { bulk, CommandWriter } from '../../../redis/command-writer.js'
import { errorOf } from '../../../redis/replies.js'
import { Item } from './item.js'
import type { SampledKey } from './estimate.js'
import type { NodeLinks } from './node-links.js'

const TOGETHER = 500
const NIL = '$-1\r\n'
// Not EXISTS: Redis counts that among the lookups of clients, and a look would spoil their hit ratio.
const MEMORY = Buffer.from(`*5\r\n${bulk('MEMORY', 'USAGE')}`)
const SAMPLES = bulk('SAMPLES', 1)

/** Which of the keys are in the target. A node that refuses the question has none. */
export async function presentOf(items: readonly Item[], target: NodeLinks): Promise<Set<Item>> {
  const { present } = await look(items, target)
  return present
}

/**
 * The share of the keys that are in the target already, each with its weight; undefined where the target does not say.
 * @throws NodeError a node does not answer
 */
export async function sharePresent(
  keys: readonly { readonly key: SampledKey; readonly weight: number }[],
  target: NodeLinks,
): Promise<number | undefined> {
  const weights = new Map(keys.map(({ key, weight }) => [itemOf(key), weight]))
  const { present, refused } = await look([...weights.keys()], target)
  if (refused || weights.size === 0) return undefined
  const sum = (items: Iterable<Item>) => [...items].reduce((total, item) => total + weights.get(item)!, 0)
  return sum(present) / sum(weights.keys())
}

async function look(items: readonly Item[], target: NodeLinks) {
  const present = new Set<Item>()
  let refused = false
  const one = async ({ ask, items: ofNode }: ReturnType<NodeLinks['group']>[number]) => {
    for (let from = 0; from < ofNode.length; from += TOGETHER) {
      const part = ofNode.slice(from, from + TOGETHER)
      const out = new CommandWriter()
      for (const { key } of part) {
        out.bytes(MEMORY)
        out.bytes(key)
        out.text(SAMPLES)
      }
      const replies = await ask(out.take(), part.length)
      part.forEach((item, i) => {
        if (errorOf(replies[i]!) !== undefined) refused = true
        else if (replies[i]!.toString('latin1') !== NIL) present.add(item)
      })
    }
  }
  await Promise.all(target.group(items).map(one))
  return { present, refused }
}

function itemOf({ key, slot }: SampledKey): Item {
  return new Item(Buffer.concat([Buffer.from(`$${key.length}\r\n`), key, Buffer.from('\r\n')]), slot)
}
