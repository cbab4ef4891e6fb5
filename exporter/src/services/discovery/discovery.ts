import type { Cluster } from '../../redis/cluster.js'
import { changesBetween, type Change } from './changes.js'

export interface DiscoveryEvents {
  /** The cluster was read; `changes` since the reading before. */
  readonly onReading?: (cluster: Cluster, changes: readonly Change[], first: boolean) => void
  /** No node answered; called once until one does again. */
  readonly onSilence?: (cluster: Cluster, errors: readonly string[]) => void
}

/** Follows each cluster's topology: reads it every interval and tells what changed. */
export class Discovery {
  readonly #timers = new Map<Cluster, NodeJS.Timeout>()
  readonly #silent = new Set<Cluster>()
  #stopped = false

  constructor(
    private readonly clusters: readonly Cluster[],
    private readonly intervalMs: number,
    private readonly events: DiscoveryEvents = {},
  ) {}

  /** Reads every cluster once and goes on by itself. Resolves after the first attempts, however they ended. */
  async start(): Promise<void> {
    await Promise.all(this.clusters.map((cluster) => this.#follow(cluster)))
  }

  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  async #follow(cluster: Cluster): Promise<void> {
    const before = cluster.reading
    const reading = await cluster.refresh()
    if (this.#stopped) return
    if (reading && cluster.errors.length === 0) {
      this.#silent.delete(cluster)
      this.events.onReading?.(cluster, changesBetween(before, reading), before === undefined)
    } else if (!this.#silent.has(cluster)) {
      this.#silent.add(cluster)
      this.events.onSilence?.(cluster, cluster.errors)
    }
    this.#timers.set(
      cluster,
      setTimeout(() => void this.#follow(cluster), this.intervalMs),
    )
  }
}
