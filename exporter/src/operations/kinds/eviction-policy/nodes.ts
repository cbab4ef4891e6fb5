import type { Cluster } from '../../../redis/cluster.js'
import { isAnswer, type CommandLink } from '../../../redis/command-link.js'
import { NodeError } from '../../../redis/errors.js'
import { explainBlocked, isBlocked } from '../../../redis/managed.js'
import type { Ownership } from '../../../redis/ownership.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { configOf, SETTINGS_COMMANDS, settingsOf } from '../../../redis/settings.js'
import type { RunContext } from '../../kind.js'
import { namesIn, type Values } from './parameters.js'
import { nodeSettings, type NodeSettings } from './settings.js'

/** What came of talking to a node: its settings, its refusal, or silence. */
export type NodeAnswer =
  | { readonly outcome: 'ok'; readonly settings: NodeSettings }
  | { readonly outcome: 'refused' | 'silent'; readonly error: string }
  /** CONFIG is blocked there; `todo` is how the service wants it done. */
  | { readonly outcome: 'unsupported'; readonly error: string; readonly todo: string }

const TIMEOUT_MS = 2000
const READING = 'slotwise/eviction-policy'
/** Parameters that hold a password, or name a user. */
const SECRET = /pass|auth|secret|user$/

/**
 * The nodes of a cluster as this kind touches them: the only part of it that talks to Redis. A node is connected to
 * when it is first read, and never again by what writes: a connection that was lost may have been ended by whoever
 * owns the operation now.
 */
export class ConfigNodes {
  readonly #links = new Map<string, CommandLink>()
  /** For a run, which writes; links that are not its own yet are claimed when they are next read. */
  #run: { readonly name: string; readonly guard: Ownership; readonly links: Set<CommandLink> } | undefined

  constructor(private readonly cluster: Cluster) {}

  /** For a run: from now on connections have its name, and are used only while they are its own. */
  claim(context: Pick<RunContext, 'connectionName' | keyof Ownership>): void {
    this.#run = { name: context.connectionName, guard: context, links: new Set() }
  }

  /** Every node that the cluster has now. */
  nodes(): ClusterNode[] {
    return this.cluster.members.map(({ node }) => node).filter(({ flags }) => !flags.includes('forgotten'))
  }

  /** Reads what a node has: one round trip, and one to connect where it was not. */
  read(node: ClusterNode): Promise<NodeAnswer> {
    return this.#answer(node, async () => {
      const link = await this.#open(node)
      const [settings] = await Promise.all([readSettings(node, link), this.#own(link)])
      return settings
    })
  }

  /**
   * Sets values on a node that was read before, and reads back what it has then, in the same round trip.
   * @param together in one CONFIG SET, all or nothing; else one after the other, as old engines want it
   */
  set(node: ClusterNode, values: Values, together: boolean): Promise<NodeAnswer> {
    const pairs = namesIn(values).map((name) => [name, values[name]!] as const)
    return this.#answer(node, async () => {
      const link = this.#opened(node)
      if (!together) {
        for (const [name, value] of pairs) await link.call('CONFIG', 'SET', name, value)
        return readSettings(node, link)
      }
      const [, settings] = await Promise.all([
        link.call('CONFIG', 'SET', ...pairs.flat()),
        readSettings(node, link),
      ])
      return settings
    })
  }

  /** CONFIG REWRITE. */
  rewrite(node: ClusterNode): Promise<NodeAnswer> {
    return this.#answer(node, async () => {
      const link = this.#opened(node)
      const [, settings] = await Promise.all([link.call('CONFIG', 'REWRITE'), readSettings(node, link)])
      return settings
    })
  }

  /** The whole running configuration, of which CONFIG REWRITE writes what is not a default; secrets are left out. */
  async running(node: ClusterNode): Promise<Readonly<Record<string, string>>> {
    const link = await this.#open(node)
    const all = configOf(await link.call('CONFIG', 'GET', '*'))
    return Object.fromEntries(Object.entries(all).filter(([name]) => !SECRET.test(name)))
  }

  close(): void {
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  async #answer(node: ClusterNode, use: () => Promise<NodeSettings>): Promise<NodeAnswer> {
    try {
      return { outcome: 'ok', settings: await use() }
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      const { message } = error
      if (!isAnswer(error)) return { outcome: 'silent', error: message }
      if (!isBlocked(message)) return { outcome: 'refused', error: message }
      const { todo } = explainBlocked(message, this.#hosts(node), await this.#os(node))
      return { outcome: 'unsupported', error: message, todo }
    }
  }

  #hosts({ instance, address }: ClusterNode): string[] {
    return [instance, address, ...this.cluster.seedAddresses]
  }

  async #os(node: ClusterNode): Promise<string> {
    const link = this.#links.get(node.id)
    const info = await link?.call('INFO', 'server').catch(() => '')
    return /^os:(.*?)\r?$/m.exec(String(info))?.[1] ?? ''
  }

  async #open(node: ClusterNode): Promise<CommandLink> {
    const open = this.#links.get(node.id)
    if (open?.isOpen) return open
    open?.close()
    const { name = READING, guard } = this.#run ?? {}
    const link = this.cluster.commandLink(node.address, name, TIMEOUT_MS, guard)
    this.#links.set(node.id, link)
    await link.connect()
    this.#run?.links.add(link)
    return link
  }

  /** Makes a link that read the plan one of the run. */
  async #own(link: CommandLink): Promise<void> {
    if (!this.#run || this.#run.links.has(link)) return
    const { name, guard, links } = this.#run
    await link.claim(name, guard)
    links.add(link)
  }

  /** @throws NodeError it is gone: nothing is sent then */
  #opened(node: ClusterNode): CommandLink {
    const link = this.#links.get(node.id)
    if (link?.isOpen && this.#run?.links.has(link)) return link
    throw new NodeError('closed', node.address, 'the connection was lost before anything was sent')
  }
}

async function readSettings(node: ClusterNode, link: CommandLink): Promise<NodeSettings> {
  return nodeSettings(
    node,
    settingsOf(await Promise.all(SETTINGS_COMMANDS.map(([verb, ...words]) => link.call(verb, ...words)))),
  )
}
