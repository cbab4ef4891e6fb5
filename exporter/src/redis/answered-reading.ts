import { InfoText } from './info.js'
import { bulkOf, type InfoFields, type NodeReading, type Part, type Replies } from './replies.js'

/** A reading of a node that answered. */
export class AnsweredReading implements NodeReading {
  readonly connectSeconds: number
  readonly durationSeconds: number
  readonly at: number
  readonly pingSeconds?: number
  #info: InfoFields | undefined
  #clusterInfo: Part<InfoFields> | undefined

  constructor(
    readonly replies: ReadonlyMap<string, Replies>,
    times: Pick<NodeReading, 'connectSeconds' | 'durationSeconds' | 'at'>,
    pingSeconds?: number,
  ) {
    this.connectSeconds = times.connectSeconds
    this.durationSeconds = times.durationSeconds
    this.at = times.at
    if (pingSeconds !== undefined) this.pingSeconds = pingSeconds
  }

  /** The same with more replies. */
  with(more: ReadonlyMap<string, Replies>): AnsweredReading {
    return more.size === 0
      ? this
      : new AnsweredReading(new Map([...this.replies, ...more]), this, this.pingSeconds)
  }

  get info(): InfoFields {
    return (this.#info ??= fieldsOf(this.replies.get('info')?.frames[0]))
  }

  get clusterInfo(): Part<InfoFields> | undefined {
    const reply = this.replies.get('cluster_info')
    if (!reply) return undefined
    return (this.#clusterInfo ??=
      reply.error === undefined ? { value: fieldsOf(reply.frames[0]) } : { error: reply.error })
  }
}

function fieldsOf(frame: Buffer | undefined): InfoFields {
  return new InfoText((frame && bulkOf(frame)) ?? Buffer.alloc(0))
}
