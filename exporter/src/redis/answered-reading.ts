import { InfoText } from './info.js'
import { NodeTexts } from './node-texts.js'
import type { InfoFields, NodeReading, Part, Replies } from './replies.js'

/** A reading of a node that answered. */
export class AnsweredReading implements NodeReading {
  readonly connectSeconds: number
  readonly durationSeconds: number
  readonly at: number
  readonly pingSeconds?: number
  readonly info: InfoFields
  readonly clusterInfo: Part<InfoFields> | undefined

  /** @param texts where they are kept from reading to reading; those of the replies unless given */
  constructor(
    readonly replies: ReadonlyMap<string, Replies>,
    times: Pick<NodeReading, 'connectSeconds' | 'durationSeconds' | 'at' | 'pingSeconds'>,
    readonly texts = NodeTexts.of(replies),
  ) {
    this.connectSeconds = times.connectSeconds
    this.durationSeconds = times.durationSeconds
    this.at = times.at
    if (times.pingSeconds !== undefined) this.pingSeconds = times.pingSeconds
    this.info = new InfoText(texts.info)
    this.clusterInfo = clusterInfoOf(replies.get('cluster_info'), texts)
  }

  /** The same with more replies. */
  with(more: ReadonlyMap<string, Replies>): AnsweredReading {
    return more.size === 0 ? this : new AnsweredReading(new Map([...this.replies, ...more]), this, this.texts)
  }
}

function clusterInfoOf(reply: Replies | undefined, texts: NodeTexts): Part<InfoFields> | undefined {
  if (!reply) return undefined
  return reply.error === undefined ? { value: new InfoText(texts.cluster_info) } : { error: reply.error }
}
