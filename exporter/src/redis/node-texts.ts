import { InfoLines } from './info.js'
import { bulkOf, type Replies } from './replies.js'

const NAMES = ['info', 'cluster_info'] as const
const NOTHING = Buffer.alloc(0)

/** The replies of a node that are texts of `key:value` lines, kept from reading to reading. */
export class NodeTexts {
  readonly info = new InfoLines()
  readonly cluster_info = new InfoLines()

  static of(replies: ReadonlyMap<string, Replies>): NodeTexts {
    const texts = new NodeTexts()
    for (const name of NAMES) texts.take(name, replies.get(name)?.frames[0])
    return texts
  }

  /** Takes what came; an error or nothing is an empty text. */
  take(name: (typeof NAMES)[number], frame: Buffer | undefined): void {
    this[name].update((frame && bulkOf(frame)) ?? NOTHING)
  }
}
