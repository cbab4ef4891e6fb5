import { setImmediate as nextTurn } from 'node:timers/promises'
import { collectCanary, type CanaryFacts } from '../../collectors/canary.js'
import { collectLog, collectOperations, type ControlPlaneFacts } from '../../collectors/control-plane.js'
import { collectHealth, collectTopology } from '../../collectors/cluster-topology.js'
import { collectDrift, type EvictionDrift } from '../../collectors/eviction.js'
import { collectOwn, collectPeer, type Duration } from '../../collectors/exporter.js'
import type { CollectOptions } from '../../collectors/node.js'
import { collectReplicationLag } from '../../collectors/replication-lag.js'
import { Samples, type Labels } from '../../exposition/families.js'
import { Page } from '../../exposition/page.js'
import type { Cluster } from '../../redis/cluster.js'
import type { NodeReader } from '../../redis/node-reader.js'
import type { ClusterReading } from '../../redis/replies.js'
import { NodePage } from './node-page.js'
import { ReplicationLag } from './replication-lag.js'
import { SamplesPage } from './samples-page.js'
import { failing, outsideAllow, type Readable } from './targets.js'

export interface ScraperOptions {
  readonly clusters: readonly Cluster[]
  /** The node of a plain --redis.addr. */
  readonly single: NodeReader | undefined
  readonly clusterLabel: string
  /** Stands before the names of families. */
  readonly namespace: string
  readonly collect: CollectOptions
  /** Leave out what is not about Redis; as redis_exporter, which counts its scrapes all the same. */
  readonly redisOnly: boolean
  readonly version: string
  readonly nodeVersion: string
  /** Undefined where there is no control plane. */
  readonly controlPlane: () => ControlPlaneFacts | undefined
  /** What the canary measured of a cluster, or of the single node. */
  readonly canaryOf?: ((cluster: Cluster | undefined) => readonly CanaryFacts[]) | undefined
  /** The last judgement of a cluster by its name, for slotwise_cluster_health. */
  readonly checksOf: (cluster: string) => readonly { name: string; ok: boolean }[]
  /** Where nodes disagree about evictions; undefined while that is not known. */
  readonly driftOf?: (cluster: string) => EvictionDrift | undefined
}

/** Nodes that are asked before those that have answered have their turn: what waits for a thousand at once is a lot. */
const A_TURN = 50

/** Answers /metrics, /metrics/fleet and /scrape with pages, to be assembled before the next scrape writes over them. */
export class Scraper {
  /** What was laid for a node, without labels for /scrape and with them for /metrics. */
  readonly #pages = {
    '/scrape': new WeakMap<Readable, NodePage>(),
    '/metrics': new WeakMap<Readable, NodePage>(),
  }
  readonly #clusterPages = new WeakMap<Cluster, SamplesPage>()
  /** What is said of the exporter, by where. */
  readonly #ownPages = new Map<string, SamplesPage>()
  readonly #scrapes = new Map<string, Duration>()
  readonly #lags = new WeakMap<Cluster, ReplicationLag>()
  #requestErrors = 0

  constructor(private readonly options: ScraperOptions) {}

  /** Counts a request to /scrape that was refused. */
  refuse(): void {
    this.#requestErrors++
  }

  /** One node, with no labels added: Prometheus has them as target labels. */
  async node(target: Readable, timeoutMs: number): Promise<Page[]> {
    const started = performance.now()
    const pages = await this.#read('/scrape', target, [], timeoutMs)
    const sumSeconds = this.#observe('/scrape', started)
    const samples = new Samples()
    this.#collectPeer({ count: 1, sumSeconds }, samples)
    return [...pages, ...this.#ownPage('/scrape', samples)]
  }

  /**
   * Every node, the clusters and the exporter.
   * @param only name of one cluster to narrow it to
   */
  async all(timeoutMs: number, only?: string): Promise<Page[]> {
    const started = performance.now()
    const nodes = this.#nodes(only)
    let turn: Promise<void> | undefined
    const pages = await Promise.all(
      nodes.map(async ({ target, labels }, i) => {
        if (i > 0 && i % A_TURN === 0) turn = turn ? turn.then(() => nextTurn()) : nextTurn()
        await turn
        return this.#read('/metrics', target, labels, timeoutMs)
      }),
    )
    this.#observe('/metrics', started)
    return [...pages.flat(), ...this.#fleetOf(this.#clusters(only)), ...this.#self(true)]
  }

  #nodes(only: string | undefined): { readonly target: Readable; readonly labels: Labels }[] {
    const { single } = this.options
    const nodes = this.#clusters(only).flatMap((cluster) => {
      const [label] = this.#label(cluster)
      const node = (instance: string, target: Readable) => ({
        target,
        labels: [label!, ['instance', instance]] as const,
      })
      return [
        ...cluster.members.map(({ node: { instance, address }, reader }) =>
          node(instance, reader ?? outsideAllow(address)),
        ),
        ...cluster.silent.map(({ address, error }) => node(address, failing(error))),
      ]
    })
    return single && only === undefined ? [{ target: single, labels: [] }, ...nodes] : nodes
  }

  /** The clusters and the exporter, without series of nodes. */
  fleet(): Page[] {
    return [...this.#fleetOf(this.options.clusters), ...this.#self(false)]
  }

  async #read(
    path: '/scrape' | '/metrics',
    target: Readable,
    labels: Labels,
    timeoutMs: number,
  ): Promise<Page[]> {
    const reading = await target.read(timeoutMs)
    let page = this.#pages[path].get(target)
    if (!page || labels.some(([, value], i) => value !== page!.labels[i]?.[1])) {
      page = new NodePage(labels, this.options.namespace, this.options.collect)
      this.#pages[path].set(target, page)
    }
    return page.update(reading)
  }

  #ownPage(path: string, samples: Samples): Page[] {
    let page = this.#ownPages.get(path)
    if (!page) this.#ownPages.set(path, (page = this.#keep([])))
    return page.update(samples)
  }

  #clusterPage(cluster: Cluster, samples: Samples): Page[] {
    let page = this.#clusterPages.get(cluster)
    if (!page) this.#clusterPages.set(cluster, (page = this.#keep(this.#label(cluster))))
    return page.update(samples)
  }

  #keep(labels: Labels): SamplesPage {
    return new SamplesPage((samples) => new Page({ labels, samples }, this.options.namespace))
  }

  #fleetOf(clusters: readonly Cluster[]): Page[] {
    return clusters.flatMap((cluster) => {
      const samples = new Samples()
      collectTopology(cluster.reading ?? unread(cluster.name), samples)
      collectHealth(this.options.checksOf(cluster.name), samples)
      const drift = this.options.driftOf?.(cluster.name)
      if (drift) collectDrift(drift, samples)
      collectReplicationLag(this.#lagOf(cluster).update(cluster), samples)
      collectCanary(this.options.canaryOf?.(cluster) ?? [], samples)
      const facts = this.options.controlPlane()
      if (facts) collectOperations(facts, cluster.name, samples)
      return this.#clusterPage(cluster, samples)
    })
  }

  #lagOf(cluster: Cluster): ReplicationLag {
    const known = this.#lags.get(cluster) ?? new ReplicationLag()
    this.#lags.set(cluster, known)
    return known
  }

  #self(withPeerNames: boolean): Page[] {
    const { version, nodeVersion, redisOnly, canaryOf } = this.options
    const samples = new Samples()
    collectCanary(canaryOf?.(undefined) ?? [], samples)
    if (!redisOnly) {
      collectOwn({ version, nodeVersion, scrapes: this.#scrapes }, samples)
      const facts = this.options.controlPlane()
      if (facts) collectLog(facts, samples)
    }
    if (withPeerNames) this.#collectPeer(this.#scrapes.get('/metrics')!, samples)
    return this.#ownPage(withPeerNames ? '/metrics' : '/metrics/fleet', samples)
  }

  #collectPeer(scrapes: Duration, samples: Samples): void {
    const { redisOnly, version } = this.options
    const facts = { scrapes, requestErrors: this.#requestErrors }
    collectPeer({ ...facts, version: redisOnly ? undefined : version }, samples)
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
