import { TYPE_PREFIX, type NewEvent } from '../../contract/events.js'
import { readFold } from '../../events/fold.js'
import { LeaseLost, LogUnavailable, VersionConflict, type EventLog, type Fence } from '../../events/log.js'
import type { Cluster } from '../../redis/cluster.js'
import type { ClusterReading } from '../../redis/replies.js'
import { applyChange, changesBetween, topologyFold, topologyOf, type KnownTopology } from './changes.js'

export interface DiscoveryOptions {
  readonly clusters: readonly Cluster[]
  readonly intervalMs: number
  /** Where changes are told, once it is there; without one only `onChanges` is. */
  readonly log?: () => EventLog | undefined
  /** The lease on watching a cluster; undefined while another process has it, which then tells. Absent: nobody else. */
  readonly fence?: (cluster: string) => Promise<Fence | undefined>
  /** After every attempt, once the cluster was read for the first time. */
  readonly onReading?: (cluster: Cluster) => void
  readonly onChanges?: (cluster: Cluster, changes: readonly NewEvent[]) => void
  /** No node answered; called once until one does again. */
  readonly onSilence?: (cluster: Cluster, errors: readonly string[]) => void
  /** A node answers again after that. */
  readonly onReturn?: (cluster: Cluster) => void
  /** Something failed that should not; the cluster is read on. */
  readonly onError?: (error: unknown, cluster: Cluster) => void
}

/** For a log to say at the start under which names shards were told. */
const RECALL_MS = 10_000

interface Told {
  readonly log: EventLog | undefined
  readonly version: number
  readonly topology: KnownTopology | undefined
}

/**
 * Follows each cluster's topology: reads it every interval and tells what changed since it was told last, by this
 * process or by an earlier one. What the log cannot take now is told when it can.
 */
export class Discovery {
  readonly #timers = new Map<Cluster, NodeJS.Timeout>()
  readonly #silent = new Set<Cluster>()
  readonly #told = new Map<Cluster, Told>()
  readonly #telling = new Set<Cluster>()
  #stopped = false

  constructor(private readonly options: DiscoveryOptions) {}

  /** Reads every cluster once and goes on by itself. Resolves after the first attempts, however they ended. */
  async start(): Promise<void> {
    await Promise.all(this.options.clusters.map((cluster) => this.#begin(cluster)))
  }

  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  /** Shards keep the names that they were told under. */
  async #begin(cluster: Cluster): Promise<void> {
    const late = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), RECALL_MS).unref()
    })
    const told = await Promise.race([this.#recall(cluster).catch(() => undefined), late])
    if (told?.topology) cluster.recall([...told.topology.values()])
    await this.#follow(cluster)
  }

  /** A log that hangs holds up no reading: the next one is due by when this one was read, not told. */
  async #follow(cluster: Cluster): Promise<void> {
    try {
      const reading = await this.#read(cluster).finally(() => this.#later(cluster))
      if (reading) await this.#tell(cluster, reading)
    } catch (error) {
      this.options.onError?.(error, cluster)
    }
  }

  #later(cluster: Cluster): void {
    if (this.#stopped) return
    this.#timers.set(
      cluster,
      setTimeout(() => void this.#follow(cluster), this.options.intervalMs),
    )
  }

  /** Undefined when there is nothing to tell by it. */
  async #read(cluster: Cluster): Promise<ClusterReading | undefined> {
    const reading = await cluster.refresh()
    if (this.#stopped) return undefined
    if (reading) this.options.onReading?.(cluster)
    if (reading && cluster.errors.length === 0) {
      if (this.#silent.delete(cluster)) this.options.onReturn?.(cluster)
      return reading
    }
    if (!this.#silent.has(cluster)) {
      this.#silent.add(cluster)
      this.options.onSilence?.(cluster, cluster.errors)
    }
    return undefined
  }

  /** One at a time: what is read meanwhile is told by the next reading. */
  async #tell(cluster: Cluster, reading: ClusterReading): Promise<void> {
    if (this.#telling.has(cluster)) return
    this.#telling.add(cluster)
    try {
      const fence = await this.#fence(cluster)
      if (fence === 'of another') {
        this.#told.delete(cluster)
        return
      }
      const told = await this.#lastTold(cluster)
      const changes = changesBetween(told.topology, reading)
      this.#told.set(cluster, told)
      if (changes.length === 0) return
      this.#told.set(cluster, await this.#append(cluster, told, { changes, fence }, reading))
      this.options.onChanges?.(cluster, changes)
    } catch (error) {
      // Another process told it first, or the log takes nothing: recall and compare again at the next reading.
      const foreseen = [VersionConflict, LeaseLost, LogUnavailable].some((kind) => error instanceof kind)
      if (!foreseen) throw error
      this.#told.delete(cluster)
    } finally {
      this.#telling.delete(cluster)
    }
  }

  async #fence({ name }: Cluster): Promise<Fence | undefined | 'of another'> {
    const { log, fence } = this.options
    if (!fence || !log?.()) return undefined
    return (await fence(name)) ?? 'of another'
  }

  async #append(
    cluster: Cluster,
    told: Told,
    { changes, fence }: { readonly changes: readonly NewEvent[]; readonly fence: Fence | undefined },
    reading: ClusterReading,
  ): Promise<Told> {
    const { log } = told
    if (!log) return { log, version: 0, topology: topologyNow(reading) }
    const stream = `cluster/${cluster.name}`
    const expectedVersion = await versionNow(log, stream, told)
    const appended = await log.append([{ stream, expectedVersion, events: changes }], fence)
    const topology = appended.reduce(applyChange, told.topology)
    return { log, version: appended.at(-1)!.streamversion, topology }
  }

  /** What was told last: by this process, or by an earlier one to the log, which may have come only now. */
  async #lastTold(cluster: Cluster): Promise<Told> {
    const told = this.#told.get(cluster)
    return told && told.log === this.options.log?.() ? told : await this.#recall(cluster)
  }

  async #recall(cluster: Cluster): Promise<Told> {
    const log = this.options.log?.()
    if (!log) return { log, version: 0, topology: undefined }
    const { state } = await readFold(log, topologyFold, `cluster/${cluster.name}`)
    const told = Object.hasOwn(state, cluster.name) ? state[cluster.name] : undefined
    return { log, version: told?.version ?? 0, topology: told?.nodes && topologyOf(told.nodes) }
  }
}

/** Verdicts of the health service stand in the same stream and move its version. */
async function versionNow(log: EventLog, stream: string, { version }: Told): Promise<number> {
  const since = await log.readStream(stream, version)
  const last = since.at(-1)?.streamversion ?? version
  // What came between and was trimmed may have been of another process, too.
  const isWhole = last === version + since.length
  if (!isWhole || since.some((event) => event.type.startsWith(`${TYPE_PREFIX}cluster.`)))
    throw new VersionConflict(stream, version, last)
  return last
}

function topologyNow(reading: ClusterReading): KnownTopology {
  const [discovered] = changesBetween(undefined, reading)
  return topologyOf(discovered?.type === 'cluster.discovered' ? discovered.data.nodes : [])
}
