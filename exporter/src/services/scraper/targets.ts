import { OUTSIDE_ALLOW, type Cluster } from '../../redis/cluster.js'
import { addressOf, parseEndpoint, urlOf, type Endpoint } from '../../redis/endpoint.js'
import type { NodeReader } from '../../redis/node-reader.js'
import type { KeyQuery } from '../../redis/key-query.js'
import type { NodeReading } from '../../redis/replies.js'

/** Reads one node; joins a reading under way. */
export interface Readable {
  /** @param query keys to look at besides; those of the configuration unless given */
  read(timeoutMs: number, query?: KeyQuery): Promise<NodeReading>
}

/** A target that /scrape does not serve; `status` is the HTTP status. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
  constructor(
    readonly status: 400 | 403 | 503,
    message: string,
  ) {
    super(message)
  }
}

export interface TargetOptions {
  readonly clusters: readonly Cluster[]
  readonly single: NodeReader | undefined
  /** Hosts outside the configured clusters that may be named. */
  readonly allowed: (host: string) => boolean
  /** Whether there is a password for exactly this user at this address. */
  readonly knowsUser: (endpoint: Endpoint) => boolean
  /** Opens a link to an allowed host. */
  readonly connect: (endpoint: Endpoint, tlsServerName?: string) => NodeReader
}

/** Links to targets outside the clusters that are kept open at most. */
const MOST_LINKS = 1000

/** Finds the node that `?target=` names: a node of the clusters, else a host that --scrape.allow permits. */
export class Targets {
  readonly #allowedLinks = new Map<string, NodeReader>()

  constructor(private readonly options: TargetOptions) {}

  /**
   * @param tlsServerName the name on the certificate of a host that is no node of a cluster
   * @throws TargetError
   */
  find(target: string | null, tlsServerName?: string): Readable {
    if (target === null || target === '') {
      throw new TargetError(400, 'the target parameter is missing; expected /scrape?target=redis://host:port')
    }
    const endpoint = this.#parse(target)
    const address = addressOf(endpoint)
    const { clusters, single } = this.options
    if (single?.link.address === address) return single
    for (const { members, silent } of clusters) {
      const member = members.find(({ node }) => node.address === address || node.instance === address)
      if (member) return member.reader ?? outsideAllow(member.node.address)
      const unread = silent.find((one) => one.address === address)
      if (unread) return failing(unread.error)
    }
    return this.#allowed(endpoint, tlsServerName)
  }

  /** Lets the next readings connect, whatever came of the last attempts: passwords may be others now. */
  retrySoon(): void {
    for (const reader of this.#allowedLinks.values()) reader.link.retrySoon()
  }

  close(): void {
    for (const reader of this.#allowedLinks.values()) reader.link.close()
  }

  #parse(target: string): Endpoint {
    try {
      return parseEndpoint(target)
    } catch (error) {
      throw new TargetError(400, `target: ${(error as Error).message}`)
    }
  }

  /** Whoever asks names no password, and a user only that has one here; what else the target has is dropped. */
  #allowed(target: Endpoint, tlsServerName: string | undefined): NodeReader {
    const { host, port, path, tls, username } = target
    const endpoint: Endpoint = {
      host,
      port,
      tls,
      ...(path !== undefined && { path }),
      ...(username !== undefined && this.options.knowsUser(target) && { username }),
    }
    const address = addressOf(endpoint)
    if (!this.options.allowed(endpoint.host)) {
      const untried = this.options.clusters.find(({ isTried }) => !isTried)
      if (untried) {
        throw new TargetError(
          503,
          `target ${address} is not known yet: cluster ${untried.name} is being read for the first time; ask again`,
        )
      }
      throw new TargetError(
        403,
        `target ${address} is no node of a configured cluster; to permit it, add ${allowEntry(endpoint)} to --scrape.allow`,
      )
    }
    const key = [urlOf(endpoint), tlsServerName, endpoint.username].join(' ')
    let reader = this.#allowedLinks.get(key)
    if (reader) {
      this.#allowedLinks.delete(key)
    } else {
      reader = this.options.connect(endpoint, tlsServerName)
      this.#dropOldest()
    }
    this.#allowedLinks.set(key, reader)
    return reader
  }

  #dropOldest(): void {
    if (this.#allowedLinks.size < MOST_LINKS) return
    const [key, reader] = this.#allowedLinks.entries().next().value!
    reader.link.close()
    this.#allowedLinks.delete(key)
  }
}

function allowEntry({ host, path }: Endpoint): string {
  return path === undefined ? host : `unix://${path}`
}

/** A discovered node that clusters[].allow keeps us from following. */
export function outsideAllow(address: string): Readable {
  return failing(`${address}: ${OUTSIDE_ALLOW}`)
}

/** A node of which no more is known than why it cannot be read. */
export function failing(error: string): Readable {
  return {
    read: () => Promise.resolve({ error, connectSeconds: 0, durationSeconds: 0, at: Date.now() / 1000 }),
  }
}
