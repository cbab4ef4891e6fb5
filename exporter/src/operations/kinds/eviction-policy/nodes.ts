import type { Cluster } from '../../../redis/cluster.js'
import { isAnswer, type CommandLink } from '../../../redis/command-link.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { OwnershipLost } from '../../kind.js'
import { PARAMETERS, type Values } from './parameters.js'

/** What one node has now. */
export interface NodeSettings {
  readonly node: ClusterNode
  readonly values: Values
  readonly usedMemoryBytes: number
  /** Path of its redis.conf; empty when it was started without one. */
  readonly configFile: string
  /** Redis 7 and Valkey take several parameters in one CONFIG SET, all or nothing. */
  readonly setsTogether: boolean
  readonly version: string
  readonly engine: 'redis' | 'valkey'
}

/** What came of talking to a node: its settings, its refusal, or silence. */
export type NodeAnswer =
  | { readonly outcome: 'ok'; readonly settings: NodeSettings }
  | { readonly outcome: 'refused' | 'unsupported' | 'silent'; readonly error: string }

const TIMEOUT_MS = 2000

/** The nodes of a cluster as this kind touches them: the only part of it that talks to Redis. */
export class ConfigNodes {
  constructor(
    private readonly cluster: Cluster,
    private readonly clientName: string,
    /** For a run, which writes: RunContext.mustOwn. */
    private readonly guard?: () => void,
  ) {}

  /** Every node that the cluster has now. */
  nodes(): ClusterNode[] {
    return this.cluster.members.map(({ node }) => node).filter(({ flags }) => !flags.includes('forgotten'))
  }

  /** Reads what a node has. */
  read(node: ClusterNode): Promise<NodeAnswer> {
    return this.#with(node, (link) => readSettings(node, link))
  }

  /** Sets values on a node and reads back what it has then. */
  set(node: ClusterNode, values: Partial<Values>, together: boolean): Promise<NodeAnswer> {
    const pairs = PARAMETERS.flatMap((parameter) =>
      values[parameter] === undefined ? [] : [[parameter, values[parameter]] as const],
    )
    return this.#with(node, async (link) => {
      if (together) await link.call('CONFIG', 'SET', ...pairs.flat())
      else for (const [parameter, value] of pairs) await link.call('CONFIG', 'SET', parameter, value)
      return readSettings(node, link)
    })
  }

  /** CONFIG REWRITE. */
  rewrite(node: ClusterNode): Promise<NodeAnswer> {
    return this.#with(node, async (link) => {
      await link.call('CONFIG', 'REWRITE')
      return readSettings(node, link)
    })
  }

  /** The whole running configuration, which is what CONFIG REWRITE persists; secrets are left out. */
  async running(node: ClusterNode): Promise<Readonly<Record<string, string>>> {
    const link = this.#link(node)
    try {
      await link.connect()
      const all = pairsOf(await link.call('CONFIG', 'GET', '*'))
      return Object.fromEntries(Object.entries(all).filter(([name]) => !/pass|auth|user|secret/.test(name)))
    } finally {
      link.close()
    }
  }

  async #with(node: ClusterNode, use: (link: CommandLink) => Promise<NodeSettings>): Promise<NodeAnswer> {
    let link: CommandLink | undefined
    try {
      link = this.#link(node)
      await link.connect()
      return { outcome: 'ok', settings: await use(link) }
    } catch (error) {
      if (error instanceof OwnershipLost) throw error
      const { message } = error as Error
      if (!isAnswer(error)) return { outcome: 'silent', error: message }
      return {
        outcome: /unknown command|NOPERM|no permissions|disabled/i.test(message) ? 'unsupported' : 'refused',
        error: message,
      }
    } finally {
      link?.close()
    }
  }

  #link(node: ClusterNode): CommandLink {
    return this.cluster.commandLink(node.address, this.clientName, TIMEOUT_MS, this.guard)
  }
}

async function readSettings(node: ClusterNode, link: CommandLink): Promise<NodeSettings> {
  const [config, server, memory] = await Promise.all([
    link.call('CONFIG', 'GET', 'maxmemory*'),
    link.call('INFO', 'server'),
    link.call('INFO', 'memory'),
  ])
  const values = pairsOf(config)
  const field = (text: unknown, name: string) =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(String(text))?.[1] ?? ''
  const valkey = field(server, 'valkey_version')
  const version = valkey || field(server, 'redis_version')
  return {
    node,
    values: {
      maxmemory: values.maxmemory ?? '',
      'maxmemory-policy': values['maxmemory-policy'] ?? '',
      'maxmemory-samples': values['maxmemory-samples'] ?? '',
    },
    usedMemoryBytes: Number(field(memory, 'used_memory')),
    configFile: field(server, 'config_file'),
    setsTogether: valkey !== '' || Number(version.split('.')[0]) >= 7,
    version,
    engine: valkey === '' ? 'redis' : 'valkey',
  }
}

/** CONFIG GET answers a flat list in RESP2. */
function pairsOf(reply: unknown): Record<string, string> {
  const list = (reply as unknown[]).map(String)
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : [])))
}
