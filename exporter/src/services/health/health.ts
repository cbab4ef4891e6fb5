import { readFold } from '../../events/fold.js'
import type { NewEvent } from '../../contract/events.js'
import { LeaseLost, LogUnavailable, VersionConflict, type EventLog, type Fence } from '../../events/log.js'
import type { Cluster, Member } from '../../redis/cluster.js'
import type { NodeReading } from '../../redis/replies.js'
import { evictionsOf, judge, type Check, type Evictions, type Readings } from './checks.js'
import { verdictFold, type Verdict } from './verdicts.js'

/** A check with the time since when it has been as it is. */
export interface StandingCheck extends Check {
  readonly since: string
}

export interface HealthOptions {
  /** Where changes are told, once it is there. */
  readonly log?: () => EventLog | undefined
  /** The lease on watching a cluster; undefined while another process has it, which then tells. Absent: nobody else. */
  readonly fence?: (cluster: string) => Promise<Fence | undefined>
  /** How long a node may take to answer. */
  readonly nodeTimeoutMs: number
  readonly now: () => Date
}

/**
 * A judgement rests on no reading that is older than this; whoever has none younger reads the node. A Prometheus that
 * scrapes every 15 seconds spares the nodes that.
 */
const RECENT_SECONDS = 20
/** A check counts as changed when it came out so this often in a row: one lost packet is no verdict. */
const TIMES_IN_A_ROW = 2

/** Check -> how it was told last. */
type Standing = ReadonlyMap<string, Verdict>

/**
 * Judges each cluster after every reading of its topology, and tells when a check changes. What it judges waits for no
 * log: one that is away, or hangs, holds up what is told alone.
 */
export class Health {
  readonly #told = new Map<string, Standing>()
  #toldTo: EventLog | undefined
  /** The token of the lease under which this process tells of a cluster. */
  readonly #toldUnder = new Map<string, number | undefined>()
  readonly #checks = new Map<string, readonly StandingCheck[]>()
  /** As they were at the last judgement; no readings, which are large. */
  readonly #evictions = new Map<string, Evictions>()
  /** Checks that come out otherwise than they were told: how often in a row, and since when. */
  readonly #contrary = new Map<string, { readonly times: number; readonly since: string }>()
  readonly #observing = new Set<string>()
  readonly #telling = new Set<string>()

  constructor(private readonly options: HealthOptions) {}

  /** The last judgement of a cluster; empty before the first. */
  current(cluster: string): readonly StandingCheck[] {
    return this.#checks.get(cluster) ?? []
  }

  /** Judges a cluster, unless that is under way already. Nodes that nobody has read lately are read. */
  async observe(cluster: Cluster): Promise<void> {
    const { name, reading } = cluster
    if (!reading || this.#observing.has(name)) return
    this.#observing.add(name)
    let checks: readonly Check[]
    try {
      const readings = await this.#readings(cluster)
      checks = judge(reading, readings, this.#evictions.get(name))
      this.#evictions.set(name, evictionsOf(readings))
      this.#show(name, checks, this.#told.get(name))
    } finally {
      this.#observing.delete(name)
    }
    if (this.#telling.has(name)) return
    this.#telling.add(name)
    try {
      await this.#tell(name, checks)
    } catch (error) {
      // Told by another process, or the log takes nothing: read the stream again at the next observation.
      const foreseen = [VersionConflict, LeaseLost, LogUnavailable].some((kind) => error instanceof kind)
      if (!foreseen) throw error
      this.#told.delete(name)
    } finally {
      this.#telling.delete(name)
    }
  }

  async #readings({ members }: Cluster): Promise<Readings> {
    const recent = this.options.now().getTime() / 1000 - RECENT_SECONDS
    const read = async ({ node, reader }: Member): Promise<[string, NodeReading | undefined]> => {
      const last = reader?.last
      // One that failed is no second opinion on itself.
      const rests = last && last.error === undefined && last.at > recent
      return [node.instance, rests ? last : await reader?.read(this.options.nodeTimeoutMs, null)]
    }
    return new Map(await Promise.all(members.map(read)))
  }

  async #tell(cluster: string, checks: readonly Check[]): Promise<void> {
    const log = this.options.log?.()
    if (this.#toldTo !== log) this.#told.clear()
    this.#toldTo = log
    const fence = log && (await this.options.fence?.(cluster))
    // What another process told, or this one under an earlier lease, is read again.
    if (this.#toldUnder.get(cluster) !== fence?.token) this.#told.delete(cluster)
    this.#toldUnder.set(cluster, fence?.token)
    const told = this.#told.get(cluster) ?? (await this.#recall(cluster))
    const time = this.options.now().toISOString()
    const changed = checks.filter(({ name, ok }) =>
      this.#hasChanged(`${cluster}/${name}`, told.get(name)?.ok, ok, time),
    )
    const standing = new Map([
      ...told,
      ...changed.map(({ name, ok }) => [name, { ok, since: time }] as const),
    ])
    this.#show(cluster, this.current(cluster), standing)
    if (log && this.options.fence && !fence) return
    if (changed.length > 0)
      await log?.append([{ stream: `cluster/${cluster}`, events: toEvents(changed, time) }], fence)
    this.#told.set(cluster, standing)
  }

  /** Since when a check is as it is, is known by what was told, by what is not told yet, or by what was shown before. */
  #show(cluster: string, checks: readonly Check[], standing: Standing | undefined): void {
    const shown = this.current(cluster)
    const now = this.options.now().toISOString()
    const sinceOf = ({ name, ok }: Check): string => {
      const told = standing?.get(name)
      if (told?.ok === ok) return told.since
      const contrary = told && this.#contrary.get(`${cluster}/${name}`)
      return (contrary ?? shown.find((one) => one.name === name && one.ok === ok))?.since ?? now
    }
    this.#checks.set(
      cluster,
      checks.map((check) => ({ ...check, since: sinceOf(check) })),
    )
  }

  #hasChanged(key: string, before: boolean | undefined, ok: boolean, time: string): boolean {
    if (before === undefined || before === ok) {
      this.#contrary.delete(key)
      return before === undefined
    }
    const { times, since } = this.#contrary.get(key) ?? { times: 0, since: time }
    if (times + 1 < TIMES_IN_A_ROW) this.#contrary.set(key, { times: times + 1, since })
    else this.#contrary.delete(key)
    return times + 1 === TIMES_IN_A_ROW
  }

  async #recall(cluster: string): Promise<Standing> {
    const log = this.options.log?.()
    if (!log) return new Map()
    const { state } = await readFold(log, verdictFold, `cluster/${cluster}`)
    return new Map(Object.hasOwn(state, cluster) ? Object.entries(state[cluster]!) : [])
  }
}

function toEvents(changed: readonly Check[], time: string): NewEvent[] {
  return changed.map(({ name: check, ok, evidence, todo }) => ({
    type: 'health.changed' as const,
    time,
    data: { check, ok, evidence, todo },
  }))
}
