import { addressMap, type AddressMap } from './address-map.js'
import { allowList } from './allow.js'
import { CommandLink } from './command-link.js'
import { countFailovers, isAway, mergeViews } from './cluster-merge.js'
import { addressOf, parseEndpoint, type Endpoint } from './endpoint.js'
import { NodeError } from './errors.js'
import { NodeReader } from './node-reader.js'
import type { Ownership } from './ownership.js'
import { RawLink, type LinkOptions } from './raw-link.js'
import type { ReadOptions } from './readings.js'
import { NodeViews } from './node-views.js'
import type { ClusterNode, ClusterReading } from './replies.js'
import { readSentinels } from './sentinel-view.js'
import { countSlots, opinionOf, type NodeView } from './topology.js'
import { viewsOf } from './views.js'

export interface ClusterOptions {
  readonly name: string
  readonly seeds: readonly Endpoint[]
  /** The seeds are Sentinels, and what they know of this primary is the cluster: one shard. */
  readonly sentinel?: { readonly primary: string; readonly link: LinkOptions }
  readonly username?: string
  readonly password?: string | undefined
  readonly link: LinkOptions
  /** Addresses that discovery may follow; empty: all. */
  readonly allow: readonly string[]
  /** Where announced addresses are reached from here (NAT, port forwards); see addressMap. */
  readonly addresses?: Readonly<Record<string, string>>
  readonly nodeTimeoutMs: number
  /** What is asked of each node. */
  readonly readings?: ReadOptions
  readonly preferHostnames?: boolean
  /** A single node outside cluster mode will do, too: it counts as a cluster of one that serves every slot. */
  readonly single?: boolean
}

/** A node with the reader that reads it; no reader where the address is outside the allow list. */
export interface Member {
  readonly node: ClusterNode
  readonly reader: NodeReader | undefined
}

/** What stands for a node of a cluster that could not be read so far; of a seed no more is known than its address. */
export interface SilentNode extends Pick<ClusterNode, 'id' | 'address' | 'shard'> {
  readonly role: ClusterNode['role'] | ''
  /** Why nothing is known of it; for people. */
  readonly error: string
}

/** Why a discovered address is left alone. */
export const OUTSIDE_ALLOW =
  'outside clusters[].allow, so it is not contacted; extend the list if the node belongs there'

/** CLUSTER NODES grows with the cluster, so asking every node would be quadratic. */
const VIEWS_A_READING = 3
const RETENTION_SECONDS = 3600

/** Knows one cluster: finds its nodes from any seed and follows them from then on. It has no clock of its own. */
export class Cluster {
  readonly name: string
  /** Whether the nodes are spoken to over TLS: as the first seed is. */
  readonly tls: boolean
  /** The last reading; undefined until a view was read for the first time. */
  reading: ClusterReading | undefined
  /** Why the last attempt read no view; empty when it did. */
  errors: readonly string[] = []
  members: readonly Member[] = []
  readonly #readers = new Map<string, NodeReader>()
  /** `host:port` of each, as they were configured. */
  readonly seedAddresses: readonly string[]
  readonly #allowed: (host: string) => boolean
  readonly #sentinels: readonly RawLink[]
  readonly #reachOf: AddressMap
  /** Addresses that the configuration itself has sent us to. */
  readonly #mapped = new Set<string>()
  #known = new Map<string, { node: ClusterNode; at: number }>()
  #recalled: readonly Omit<SilentNode, 'error'>[] = []
  readonly #views: NodeViews
  #failovers = 0
  #turn = 0

  constructor(private readonly options: ClusterOptions) {
    this.name = options.name
    this.tls = options.seeds[0]?.tls ?? false
    this.#allowed = options.allow.length > 0 ? allowList(options.allow) : () => true
    this.#reachOf = addressMap(options.addresses ?? {})
    this.#views = new NodeViews({
      nodeTimeoutMs: options.nodeTimeoutMs,
      single: options.single ?? false,
      translate: (node) => this.#translate(node),
    })
    const { sentinel, seeds } = options
    this.#sentinels = sentinel
      ? seeds.map((seed) => new RawLink(seed, { ...sentinel.link, backoff: true }))
      : []
    this.seedAddresses = seeds.map((seed) => (sentinel ? addressOf(seed) : this.#readerOf(seed).link.address))
  }

  /** Whether an attempt to read it has come to its end, whatever came of it. */
  get isTried(): boolean {
    return this.reading !== undefined || this.errors.length > 0
  }

  /**
   * What stands for a cluster that was tried and could never be read: the nodes that an earlier process knew, so that
   * Prometheus keeps their targets, else the seeds. None otherwise.
   */
  get silent(): readonly SilentNode[] {
    if (this.reading || !this.isTried) return []
    const seeds = this.seedAddresses.map((address) => ({ id: '', address, role: '' as const, shard: '' }))
    return (this.#recalled.length > 0 ? this.#recalled : seeds).map((node) => ({
      ...node,
      error:
        this.errors.find((error) => error.startsWith(`${node.address}: `)) ??
        `no seed of cluster ${this.name} could be read: ${this.errors[0]!}`,
    }))
  }

  /** Takes up what an earlier process knew, so that shards keep their names. */
  recall(nodes: readonly Pick<ClusterNode, 'id' | 'instance' | 'role' | 'primaryId' | 'shard'>[]): void {
    this.#recalled = nodes.map(({ id, instance, role, shard }) => ({ id, address: instance, role, shard }))
    const outdated = Date.now() / 1000 - RETENTION_SECONDS - 1
    const blank = { flags: [], slots: [], linksDown: 0 }
    this.#known = new Map(
      nodes.map((node) => [node.id, { at: outdated, node: { ...node, ...blank, address: node.instance } }]),
    )
  }

  /**
   * Reads the cluster's topology anew. When no node answers, the last nodes stay and `errors` says why.
   * @returns the reading; undefined when there never was one
   */
  async refresh(): Promise<ClusterReading | undefined> {
    const views = await this.#readViews()
    const now = Date.now() / 1000
    if (views.length > 0) {
      await this.#views.learnShardIds(views, ({ host, port, reach }) =>
        this.#reach(reach?.host ?? host, reach?.port ?? port),
      )
      const nodes = mergeViews(
        views,
        { known: this.#known, shardIds: this.#views.shardIds },
        { now, retentionSeconds: RETENTION_SECONDS, preferHostnames: this.options.preferHostnames ?? false },
      )
      this.#remember(nodes, now)
      this.reading = this.#judge(nodes, views, now)
    } else if (this.reading) {
      this.reading = { ...this.reading, viewsRead: 0, views: 0, slotsCovered: 0 }
    }
    return this.reading
  }

  /**
   * Opens a link for commands to a node, under a name that says who it belongs to. Not connected yet.
   * @param guard for a link that writes: its RunContext
   * @throws NodeError the address is outside the allow list: neither a command nor the password goes there
   */
  commandLink(address: string, clientName: string, timeoutMs: number, guard?: Ownership): CommandLink {
    const { link } = this.options
    return new CommandLink(this.#endpointOf(address), {
      ...(link.tls && { tls: link.tls() }),
      clientName,
      timeoutMs,
      ...(guard && { guard }),
    })
  }

  /**
   * Opens a link for pipelines to a node, as `commandLink`.
   * @param setup sent on every connection before anything else
   * @param guard for a link that writes: its RunContext
   * @throws NodeError the address is outside the allow list
   */
  rawLink(address: string, clientName: string, setup: LinkOptions['setup'] = [], guard?: Ownership): RawLink {
    const { link } = this.options
    return new RawLink(this.#endpointOf(address), { ...link, clientName, setup, ...(guard && { guard }) })
  }

  #endpointOf(address: string): Endpoint {
    const { username, password } = this.options
    const { host, port } = parseEndpoint(address)
    if (!this.#mayReach(host, port)) throw new NodeError('denied', address, OUTSIDE_ALLOW)
    return {
      host,
      port,
      tls: this.tls,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    }
  }

  /** Lets the next readings connect, whatever came of the last attempts: passwords may be others now. */
  retrySoon(): void {
    for (const { link } of this.#readers.values()) link.retrySoon()
    for (const sentinel of this.#sentinels) sentinel.retrySoon()
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.link.close()
    for (const sentinel of this.#sentinels) sentinel.close()
  }

  /** Three nodes in turn, those first that are not known to have failed; when none answers, everybody, seeds too. */
  async #readViews(): Promise<NodeView[][]> {
    const { sentinel } = this.options
    if (sentinel) {
      const errors: string[] = []
      const views = await readSentinels(this.#sentinels, sentinel.primary, this.options.nodeTimeoutMs, errors)
      this.errors = views.length > 0 ? [] : errors
      for (const { id } of views.flat()) this.#views.shardIds.set(id, sentinel.primary)
      return views.map((view) => view.map((node) => this.#translate(node)))
    }
    const healthy = this.members.filter(
      ({ node }) => !node.flags.some((flag) => flag === 'fail' || flag === 'forgotten'),
    )
    const readers = healthy.flatMap(({ reader }) => reader ?? [])
    const turn = (this.#turn += VIEWS_A_READING)
    const chosen = new Set<NodeReader>()
    for (let i = 0; i < Math.min(VIEWS_A_READING, readers.length); i++)
      chosen.add(readers[(turn + i) % readers.length]!)
    const errors: string[] = []
    let views = await viewsOf([...chosen], (reader) => this.#views.read(reader), errors)
    if (views.length === 0) {
      const others = [...this.#readers.values()].filter((reader) => !chosen.has(reader))
      views = await viewsOf(others, (reader) => this.#views.read(reader), errors)
    }
    this.errors = views.length > 0 ? [] : errors
    return views
  }

  #translate(node: NodeView): NodeView {
    const reach = this.#reachOf(node.host, node.port)
    if (!reach) return node
    this.#mapped.add(addressOf(reach))
    return { ...node, reach }
  }

  #remember(nodes: readonly ClusterNode[], now: number): void {
    this.#failovers += countFailovers(this.reading?.nodes ?? [], nodes)
    const before = this.#known
    this.#known = new Map(
      nodes.map((node) => [
        node.id,
        { node, at: node.flags.includes('forgotten') ? (this.#known.get(node.id)?.at ?? now) : now },
      ]),
    )
    for (const { id, shard } of nodes) if (this.#views.shardIds.get(id)) this.#views.shardIds.set(id, shard)
    this.members = nodes.map((node) => {
      const { host, port } = parseEndpoint(node.address)
      const reader = this.#reach(host, port)
      const old = before.get(node.id)?.node
      if (old && isAway(old) && !isAway(node)) reader?.link.retrySoon()
      return { node, reader }
    })
    const inUse = new Set([
      ...this.seedAddresses,
      ...this.members.flatMap(({ reader }) => reader?.link.address ?? []),
    ])
    for (const [address, reader] of this.#readers) {
      if (inUse.has(address)) continue
      reader.link.close()
      this.#readers.delete(address)
    }
  }

  #judge(nodes: readonly ClusterNode[], views: readonly (readonly NodeView[])[], at: number): ClusterReading {
    const serving = nodes.filter((node) => node.role === 'primary' && !node.flags.includes('fail'))
    // A node that was asked a while ago may have handed over since; then the others know the new owner.
    const migrating = nodes.flatMap(({ id, slots }) =>
      this.#views
        .migratingFrom(id)
        .filter(({ slot }) => slots.some(([from, to]) => from <= slot && slot <= to))
        .map(({ slot, to }) => ({ slot, from: id, to })),
    )
    return {
      name: this.name,
      nodes,
      viewsRead: views.length,
      views: new Set(views.map(opinionOf)).size,
      slotsCovered: countSlots(serving.flatMap((node) => node.slots)),
      slotsMigrating: migrating.length,
      migrating,
      failovers: this.#failovers,
      at,
    }
  }

  /** The reader of a discovered address, if it may be followed. */
  #reach(host: string, port: number): NodeReader | undefined {
    return this.#mayReach(host, port) ? this.#readerOf({ host, port, tls: this.tls }) : undefined
  }

  #mayReach(host: string, port: number): boolean {
    return (
      this.#allowed(host) ||
      this.#mapped.has(addressOf({ host, port })) ||
      this.options.seeds.some((seed) => seed.host === host && seed.port === port)
    )
  }

  #readerOf(endpoint: Endpoint): NodeReader {
    const address = addressOf(endpoint)
    let reader = this.#readers.get(address)
    if (!reader) {
      const { username, password, link } = this.options
      const identity = {
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
      }
      reader = new NodeReader(
        new RawLink({ ...endpoint, ...identity }, { ...link, backoff: true }),
        this.options.readings,
      )
      this.#readers.set(address, reader)
    }
    return reader
  }
}
