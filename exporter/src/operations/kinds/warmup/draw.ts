import type { RawLink } from '../../../redis/raw-link.js'
import { CommandWriter, bulk } from '../../../redis/command-writer.js'
import type { Item } from './item.js'
import type { NodeLinks } from './node-links.js'
import { readKeys, type ReadOptions } from './read.js'
import { sampled, type Sampled } from './sample.js'
import type { Selection } from './select.js'
import { randomKeys } from './source-sample.js'
import { bulkOf } from '../../../redis/replies.js'
import type { Transfer } from './transfer.js'

export interface DrawOptions {
  readonly selection: Selection
  readonly transfer: Transfer
  readonly maxBytes: number
  readonly now: () => number
  /** As of readKeys. */
  readonly room: ReadOptions['room']
  /** Where keys are marked that are there already; undefined: they will be replaced. */
  readonly target: NodeLinks | undefined
}

/**
 * Draws keys at random from a source node before anything is copied: those that are missing in the target at the end
 * were forgotten, whatever the copy believes to have read.
 */
export async function drawKeys(link: RawLink, count: number, options: DrawOptions): Promise<Sampled[]> {
  const { selection, transfer, maxBytes, now, room, target } = options
  const found = (await randomKeys(link, count)).filter(({ key }) => selection.name(bulkOf(key)!))
  const present = target ? await presentOf(found, target) : new Set<Item>()
  const reading = { name: link.address, transfer, selection, maxBytes, now, room }
  const ask = (request: Buffer, replies: number) => link.exchange(request, replies, 10_000)
  const drawn: Sampled[] = []
  for await (const items of readKeys(found, ask, reading, () => undefined))
    for (const item of items) {
      drawn.push({ ...sampled(item), ...(present.has(item) && { wasPresent: true }) })
      item.forget()
    }
  return drawn
}

const EXISTS = Buffer.from(`*2\r\n${bulk('EXISTS')}`)

async function presentOf(items: readonly Item[], target: NodeLinks): Promise<Set<Item>> {
  const present = new Set<Item>()
  await Promise.all(
    target.group(items).map(async ({ ask, items: ofNode }) => {
      const out = new CommandWriter()
      for (const { key } of ofNode) {
        out.bytes(EXISTS)
        out.bytes(key)
      }
      const replies = await ask(out.take(), ofNode.length)
      ofNode.forEach((item, i) => {
        if (replies[i]!.toString('latin1') === ':1\r\n') present.add(item)
      })
    }),
  )
  return present
}
