import { collectLog, collectOperations, type ControlPlaneFacts } from '../../collectors/control-plane.js'
import { collectHealth, collectTopology } from '../../collectors/cluster-topology.js'
import { collectOwn, collectPeer, type Duration } from '../../collectors/exporter.js'
import { collectNode, type CollectOptions } from '../../collectors/node.js'
import { Samples, type Labels } from '../../exposition/families.js'
import type { Source } from '../../exposition/text.js'
import type { Cluster } from '../../redis/cluster.js'
import type { NodeReader } from '../../redis/node-reader.js'
import type { ClusterReading, NodeReading } from '../../redis/replies.js'
import { outsideAllow, type Readable } from './targets.js'

export interface ScraperOptions {
  readonly clusters: readonly Cluster[]
  /** The node of a plain --redis.addr. */
  readonly single: NodeReader | undefined
  readonly clusterLabel: string
  readonly collect: CollectOptions
  /** Leave out what is not about Redis. */
  readonly redisOnly: boolean
  readonly version: string
  readonly nodeVersion: string
  /** Undefined where there is no control plane. */
  readonly controlPlane: () => ControlPlaneFacts | undefined
  /** The last judgement of a cluster by its name, for slotwise_cluster_health. */
  readonly checksOf: (cluster: string) => readonly { name: string; ok: boolean }[]
}

/** Answers /metrics, /metrics/fleet and /scrape with samples; what they look like on the wire is not its business. */
export class Scraper {
  readonly #scrapes = new Map<string, Duration>()
  #requestErrors = 0

  constructor(private readonly options: ScraperOptions) {}

  /** Counts a request to /scrape that was refused. */
  refuse(): void {
    this.#requestErrors++
  }

  /** One node, with no labels added: Prometheus has them as target labels. */
  async node(target: Readable, timeoutMs: number): Promise<Source[]> {
    const started = performance.now()
    const reading = await target.read(timeoutMs)
    const samples = this.#collect(reading)
    const sumSeconds = this.#observe('/scrape', started)
    if (!this.options.redisOnly) this.#collectPeer({ count: 1, sumSeconds }, samples)
    return [{ labels: [], samples }]
  }

  /**
   * Every node, the clusters and the exporter.
   * @param only name of one cluster to narrow it to
   */
  async all(timeoutMs: number, only?: string): Promise<Source[]> {
    const started = performance.now()
    const nodes = await Promise.all([
      ...(this.options.single && only === undefined ? [this.#read(this.options.single, [], timeoutMs)] : []),
      ...this.#clusters(only).flatMap((cluster) =>
        cluster.members.map(({ node, reader }) =>
          this.#read(
            reader ?? outsideAllow(node.address),
            [...this.#label(cluster), ['instance', node.instance]],
            timeoutMs,
          ),
        ),
      ),
    ])
    this.#observe('/metrics', started)
    return [...nodes, ...this.#fleetOf(this.#clusters(only)), ...this.#self(true)]
  }

  /** The clusters and the exporter, without series of nodes. */
  fleet(): Source[] {
    return [...this.#fleetOf(this.options.clusters), ...this.#self(false)]
  }

  async #read(target: Readable, labels: Labels, timeoutMs: number): Promise<Source> {
    return { labels, samples: this.#collect(await target.read(timeoutMs)) }
  }

  /** A node whose replies make no sense is down, and costs the others nothing. */
  #collect(reading: NodeReading): Samples {
    const samples = new Samples()
    try {
      collectNode(reading, samples, this.options.collect)
      return samples
    } catch (error) {
      const nothing = new Samples()
      const { connectSeconds, durationSeconds, at } = reading
      const text = `its replies make no sense: ${(error as Error).message}`
      collectNode({ error: text, connectSeconds, durationSeconds, at }, nothing)
      return nothing
    }
  }

  #fleetOf(clusters: readonly Cluster[]): Source[] {
    return clusters.flatMap((cluster) => {
      const samples = new Samples()
      collectTopology(cluster.reading ?? unread(cluster.name), samples)
      collectHealth(this.options.checksOf(cluster.name), samples)
      const facts = this.options.controlPlane()
      if (facts) collectOperations(facts, cluster.name, samples)
      return { labels: this.#label(cluster), samples }
    })
  }

  #self(withPeerNames: boolean): Source[] {
    if (this.options.redisOnly) return []
    const { version, nodeVersion } = this.options
    const samples = new Samples()
    collectOwn({ version, nodeVersion, scrapes: this.#scrapes }, samples)
    const facts = this.options.controlPlane()
    if (facts) collectLog(facts, samples)
    if (withPeerNames) this.#collectPeer(this.#scrapes.get('/metrics')!, samples)
    return [{ labels: [], samples }]
  }

  #collectPeer(scrapes: Duration, samples: Samples): void {
    collectPeer({ version: this.options.version, scrapes, requestErrors: this.#requestErrors }, samples)
  }

  /** @returns the seconds since `started` */
  #observe(path: string, started: number): number {
    const seconds = (performance.now() - started) / 1000
    const { count, sumSeconds } = this.#scrapes.get(path) ?? { count: 0, sumSeconds: 0 }
    this.#scrapes.set(path, { count: count + 1, sumSeconds: sumSeconds + seconds })
    return seconds
  }

  #clusters(only: string | undefined): readonly Cluster[] {
    return only === undefined
      ? this.options.clusters
      : this.options.clusters.filter(({ name }) => name === only)
  }

  #label({ name }: Cluster): Labels {
    return [[this.options.clusterLabel, name]]
  }
}

/** A cluster of which no node has answered yet: nothing of it is covered. */
function unread(name: string): ClusterReading {
  const nothing = { viewsRead: 0, views: 0, slotsCovered: 0, slotsMigrating: 0, failovers: 0 }
  return { name, nodes: [], ...nothing, at: 0 }
}
