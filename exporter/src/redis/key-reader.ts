import { gatherGroups, topGroups, type Groups } from './key-groups.js'
import type { KeyContext } from './key-context.js'
import { countFacts, keyFacts, streamFacts } from './key-facts.js'
import { namesDatabases, ofFirstDatabase, type KeyOptions, type KeyQuery } from './key-query.js'
import type { KeyNode } from './key-scan.js'
import { addressOf } from './endpoint.js'
import { NodeError, replyError } from './errors.js'
import { encodePipeline } from './frames.js'
import type { RawLink } from './raw-link.js'
import { bulkOf, errorOf, type Replies } from './replies.js'
import { parseClusterNodes } from './topology.js'

const NODES = encodePipeline([['CLUSTER', 'NODES']])
const NODES_MS = 5000

/** Why a node that the cluster names is left alone. */
const OUTSIDE_ALLOW =
  'the cluster names this node, but it is outside --scrape.allow, so it is not contacted; extend the list if it belongs there'

interface Address {
  readonly host: string
  readonly port: number
}

/** @param address the node itself when undefined */
function keyOf(address: Address | undefined): string {
  return address ? addressOf(address) : ''
}

/** In cluster mode there is one database, except on Valkey 9 (cluster-databases). */
function hasDatabases({ facts }: KeyContext): boolean {
  return facts.mode !== 'cluster' || facts.valkeyVersion >= 900
}

/** One of the things to look at: a reading of its own, so that one that fails costs the others nothing. */
interface KeyPart {
  readonly name: string
  readonly isAsked: (query: KeyQuery) => boolean
  readonly read: (nodes: readonly KeyNode[], query: KeyQuery, context: KeyContext) => Promise<unknown>
}

/**
 * Looks at the keys of a node, over a connection of its own, so that a SCAN does not hold up the node's readings. A
 * look that takes longer than a scrape goes on; until it ends, scrapes get what the last one found.
 */
export class KeyReader {
  #running: Promise<void> | undefined
  #last: ReadonlyMap<string, Replies> | undefined
  readonly #links = new Map<string, RawLink>()
  #selects = false
  readonly #parts: readonly KeyPart[]

  constructor(
    private readonly link: RawLink,
    private readonly query: KeyQuery,
    private readonly options: KeyOptions,
  ) {
    const all = async <T>(nodes: readonly KeyNode[], read: (node: KeyNode) => Promise<T[]>) =>
      (await Promise.all(nodes.map(read))).flat()
    const parts: KeyPart[] = [
      {
        name: 'keys',
        isAsked: ({ keys, singleKeys }) => keys.length + singleKeys.length > 0,
        read: (nodes, query) => all(nodes, (node) => keyFacts(node, query, options)),
      },
      {
        name: 'streams',
        isAsked: ({ streams, singleStreams }) => streams.length + singleStreams.length > 0,
        read: (nodes, query) => all(nodes, (node) => streamFacts(node, query, options)),
      },
      {
        name: 'count_keys',
        isAsked: ({ counts }) => counts.length > 0,
        read: (nodes, { counts }) => all(nodes, (node) => countFacts(node, counts, options)),
      },
      {
        name: 'key_groups',
        isAsked: ({ groups }) => groups.length > 0,
        read: (nodes, _, context) => this.#groups(nodes, context),
      },
    ]
    this.#parts = parts.filter(({ isAsked }) => isAsked(query))
  }

  /**
   * Looks, or joins the look under way.
   * @returns by name, JSON in place of a reply (redis/key-facts.ts); what is not there within the time is an error, or
   * what the last look found
   */
  async read(timeoutMs: number, context: KeyContext): Promise<ReadonlyMap<string, Replies>> {
    if (!this.#mayLook(context)) return new Map()
    this.#running ??= this.#look(context).finally(() => (this.#running = undefined))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.max(0, timeoutMs))))
    await Promise.race([this.#running, late])
    clearTimeout(timer)
    return this.#last ?? new Map(this.#parts.map(({ name }) => [name, STILL_LOOKING]))
  }

  close(): void {
    for (const link of this.#links.values()) link.close()
  }

  /** In cluster mode a replica has what its primary has, so that one of the two tells. */
  #mayLook({ facts, isReplica }: KeyContext): boolean {
    if (facts.mode === 'sentinel') return false
    const { mayAsk, skipPrimaries } = this.options
    if (facts.mode === 'cluster') return mayAsk !== undefined || isReplica === skipPrimaries
    return isReplica || !skipPrimaries
  }

  async #look(context: KeyContext): Promise<void> {
    const found = new Map<string, Replies>()
    const nodes = await this.#nodes(context).catch((error: unknown) => error as Error)
    const query = hasDatabases(context) ? this.query : ofFirstDatabase(this.query)
    for (const { name, read } of this.#parts) {
      const started = performance.now()
      const seconds = () => ({ durationSeconds: (performance.now() - started) / 1000 })
      try {
        if (nodes instanceof Error) throw nodes
        const text = Buffer.from(JSON.stringify(await read(nodes, query, context)))
        found.set(name, { frames: [bulk(text)], ...seconds() })
      } catch (error) {
        found.set(name, { frames: [], error: (error as Error).message, ...seconds() })
      }
    }
    this.#last = found
  }

  async #groups(nodes: readonly KeyNode[], { facts, databases, used }: KeyContext): Promise<unknown> {
    const isCluster = facts.mode === 'cluster'
    const found = []
    for (let db = 0; db < databases; db++) {
      const groups: Groups = new Map()
      if (isCluster || used.includes(db)) {
        for (const node of nodes) await gatherGroups(node, db, this.query, this.options, groups)
      }
      found.push(topGroups(db, groups, this.options.maxGroups))
    }
    return found
  }

  /** The node itself; for a whole cluster a node of every shard. */
  async #nodes(context: KeyContext): Promise<KeyNode[]> {
    const { facts, used } = context
    const isCluster = facts.mode === 'cluster'
    // Users of a cluster may lack SELECT. Once a connection has chosen, it has to go on.
    this.#selects ||=
      hasDatabases(context) &&
      (!isCluster ||
        namesDatabases(this.query) ||
        (this.query.groups.length > 0 && used.some((db) => db > 0)))
    const { mayAsk } = this.options
    const addresses = isCluster && mayAsk ? await this.#cluster(mayAsk) : [undefined]
    const inUse = new Set(addresses.map(keyOf))
    for (const [key, link] of this.#links) {
      if (inUse.has(key)) continue
      link.close()
      this.#links.delete(key)
    }
    const { version } = facts
    const selects = this.#selects
    return addresses.map((address) => ({ link: this.#linkTo(address, isCluster), selects, version }))
  }

  /**
   * The node of every shard that is to be asked.
   * @throws NodeError one may not be asked: neither a command nor the password goes there, and the sum would be wrong
   */
  async #cluster(mayAsk: (host: string) => boolean): Promise<Address[]> {
    const [reply] = await this.link.exchange(NODES, 1, NODES_MS)
    const refused = errorOf(reply!)
    if (refused !== undefined) throw replyError(this.link.address, 'CLUSTER NODES', refused)
    const { host: ownHost } = this.link.endpoint
    const known = parseClusterNodes(bulkOf(reply!)?.toString() ?? '').filter(
      ({ flags }) => flags.length === 0,
    )
    const primaries = known.filter(({ role, slots }) => role === 'primary' && slots.length > 0)
    const chosen = this.options.skipPrimaries
      ? primaries.flatMap(({ id }) => known.find(({ primaryId }) => primaryId === id) ?? [])
      : primaries
    const addresses = chosen.map(({ host, port }) => ({ host: host || ownHost, port }))
    const outside = addresses.find(({ host }) => host !== ownHost && !mayAsk(host))
    if (outside) throw new NodeError('denied', addressOf(outside), OUTSIDE_ALLOW)
    return addresses
  }

  #linkTo(address: Address | undefined, isCluster: boolean): RawLink {
    const key = keyOf(address)
    let link = this.#links.get(key)
    if (!link) {
      // A replica of a cluster serves reads only to whoever says so.
      link = this.link.sibling(address, {
        setup: isCluster && this.options.skipPrimaries ? [['READONLY']] : [],
      })
      this.#links.set(key, link)
    }
    return link
  }
}

const STILL_LOOKING: Replies = {
  frames: [],
  error:
    'the first look at the keys is still under way; a scrape shows what it found once it has come to its end',
}

function bulk(text: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`$${text.length}\r\n`), text, Buffer.from('\r\n')])
}
