import type { RawLink } from '../../../redis/raw-link.js'
import type { Item } from './item.js'
import type { NodeLinks } from './node-links.js'
import { presentOf } from './present.js'
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
