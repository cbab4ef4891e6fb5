import { bulkOf, errorOf, type InfoFields, type NodeReading, type Part } from './replies.js'
import { encodePipeline } from './frames.js'
import { replyError } from './errors.js'
import { readInfo } from './info.js'
import type { RawLink } from './raw-link.js'

/** Sections that several INFO arguments (Redis 7 and later) spare us: latencystats alone costs as much as all the rest. */
const INFO_SECTIONS = ['INFO', 'default', 'commandstats']
const INFO_ALL = ['INFO', 'ALL']
const CLUSTER_INFO = ['CLUSTER', 'INFO']
const DATABASES = ['CONFIG', 'GET', 'databases']

/**
 * Reads one node over its link: one pipeline, one round trip. Readings that overlap share one. What a node has
 * shown that it does not know or allow is not asked again until it has been away.
 */
export class NodeReader {
  /** The last reading, however it ended. */
  last: NodeReading | undefined
  #reading: Promise<NodeReading> | undefined
  #infoCommand = INFO_SECTIONS
  #isCluster: boolean | undefined
  #databases: Part<number> | undefined

  constructor(readonly link: RawLink) {}

  /** Reads the node, or joins the reading under way. Never throws: a failure is a reading with an error. */
  read(timeoutMs: number): Promise<NodeReading> {
    return (this.#reading ??= this.#read(timeoutMs).finally(() => (this.#reading = undefined)))
  }

  async #read(timeoutMs: number): Promise<NodeReading> {
    const started = performance.now()
    const finish = (part: Partial<NodeReading>): NodeReading => {
      const durationSeconds = (performance.now() - started) / 1000
      return (this.last = {
        connectSeconds: this.link.connectSeconds,
        durationSeconds,
        at: Date.now() / 1000,
        ...part,
      })
    }
    try {
      return finish(await this.#ask(timeoutMs))
    } catch (error) {
      this.#forget()
      return finish({ error: (error as Error).message })
    }
  }

  async #ask(timeoutMs: number): Promise<Partial<NodeReading>> {
    const started = performance.now()
    const askCluster = this.#isCluster !== false
    const askDatabases = this.#isCluster !== true && this.#databases === undefined
    const commands = [
      this.#infoCommand,
      ...(askCluster ? [CLUSTER_INFO] : []),
      ...(askDatabases ? [DATABASES] : []),
    ]
    const replies = await this.link.exchange(encodePipeline(commands), commands.length, timeoutMs)
    const [infoReply, clusterReply] = [replies[0]!, askCluster ? replies[1] : undefined]
    if (askDatabases) this.#databases = databasesOf(replies.at(-1)!)

    const refused = errorOf(infoReply)
    if (refused !== undefined) {
      // Before Redis 7, INFO takes one section: a syntax error says so.
      if (this.#infoCommand === INFO_SECTIONS && refused.startsWith('ERR')) {
        this.#infoCommand = INFO_ALL
        return this.#ask(timeoutMs - (performance.now() - started))
      }
      throw replyError(this.link.address, 'INFO', refused)
    }
    const info = readInfo(bulkOf(infoReply) ?? Buffer.alloc(0))
    this.#isCluster = info.get('cluster_enabled') === '1'
    const clusterInfo = this.#isCluster && clusterReply ? this.#clusterInfo(clusterReply) : undefined
    const databases = this.#isCluster ? 1 : this.#databases?.value
    return { info, ...(clusterInfo && { clusterInfo }), ...(databases !== undefined && { databases }) }
  }

  #clusterInfo(reply: Buffer): Part<InfoFields> {
    const refused = errorOf(reply)
    if (refused !== undefined)
      return { error: replyError(this.link.address, 'CLUSTER INFO', refused).message }
    return { value: readInfo(bulkOf(reply) ?? Buffer.alloc(0)) }
  }

  /** Whatever comes back may be another server, or another version of it. */
  #forget(): void {
    this.#infoCommand = INFO_SECTIONS
    this.#isCluster = undefined
    this.#databases = undefined
  }
}

/** `CONFIG GET databases`; where it is renamed or denied, INFO's own databases have to do. */
function databasesOf(reply: Buffer): Part<number> {
  const refused = errorOf(reply)
  if (refused !== undefined) return { error: refused }
  const value = Number(reply.toString('latin1').split('\r\n')[4])
  return Number.isInteger(value) ? { value } : {}
}
