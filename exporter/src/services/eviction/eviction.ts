import type { NewEvent, StoredEvent } from '../../contract/events.js'
import { eventTypes, TYPE_PREFIX } from '../../contract/events.js'
import type { Drift, Eviction, EvictionNode, Sample, SampleSummary } from '../../contract/eviction.js'
import { FIELDS, PARAMETERS } from '../../contract/kinds/eviction-policy.js'
import { LeaseLost, LogUnavailable, VersionConflict, type EventLog, type Fence } from '../../events/log.js'
import type { Cluster } from '../../redis/cluster.js'
import { advise } from './advise.js'
import { agreement, oddNodes, unpersistedIn, type PolicyRun } from './drift.js'
import { isLfu } from './facts.js'
import { History } from './history.js'
import { numberIn, SettingsReader, type Readout } from './readout.js'
import { SETTLE_SECONDS } from './rules-policy.js'
import { takeSample } from './sampler.js'

export interface EvictionOptions {
  /** Where drift is told, once it is there. */
  readonly log?: () => EventLog | undefined
  /** The lease on watching a cluster; undefined while another process has it, which then tells. Absent: nobody else. */
  readonly fence?: (cluster: string) => Promise<Fence | undefined>
  /** Operations of kind eviction-policy on a cluster that succeeded. */
  readonly runs: (cluster: string) => readonly PolicyRun[]
  readonly nodeTimeoutMs: number
  readonly now: () => Date
}

/** How often nodes are asked by the watch; seconds. */
const WATCH_SECONDS = 30
/** Drift is told when it was seen so often in a row: a run that sets node by node is none. */
const TIMES_IN_A_ROW = 2

/** What is known of one cluster. */
interface Watched {
  readonly history: History
  watchedAt: number
  drift: readonly Drift[]
  unpersistedNodes: ReadonlyMap<string, number>
  /** How a parameter was seen otherwise than it was told, and how often in a row. */
  readonly contrary: Map<string, { readonly seen: string; readonly times: number }>
  /** By parameter in which nodes disagree: how they do; see `disagreement`. */
  told: Map<string, string> | undefined
  toldTo: EventLog | undefined
  /** That is under way; the log may hang. */
  telling: boolean
  /** The token of the lease under which this process tells. */
  toldUnder: number | undefined
  sampling: { done: number; total: number } | undefined
  sample: { readonly summary: SampleSummary; readonly at: number } | undefined
  sampleError: string
}

/** Nodes that disagree, and nodes that a restart would change, by parameter of redis.conf. */
export interface DriftFacts {
  readonly drifting: ReadonlyMap<string, number>
  readonly unpersisted: ReadonlyMap<string, number>
}

/**
 * Watches what decides about evictions on every node: tells when nodes disagree, keeps figures for what only time
 * tells, looks at a sample of the keys when asked, and gives advice. It writes nothing to Redis.
 */
export class EvictionWatch {
  readonly #clusters = new Map<string, Watched>()
  readonly #reader: SettingsReader
  readonly #underWay = new Map<string, Promise<Readout[]>>()

  constructor(private readonly options: EvictionOptions) {
    this.#reader = new SettingsReader(options.nodeTimeoutMs)
  }

  /** To be called after every reading of the topology; asks the nodes once in a while. */
  async observe(cluster: Cluster): Promise<void> {
    const watched = this.#of(cluster.name)
    if (!cluster.reading || this.#seconds() - watched.watchedAt < WATCH_SECONDS) return
    watched.watchedAt = this.#seconds()
    await this.#read(cluster)
    if (watched.telling) return
    watched.telling = true
    try {
      await this.#tell(cluster.name, watched)
    } catch (error) {
      // Told by another process, or the log takes nothing: read the stream again at the next observation.
      const foreseen = [VersionConflict, LeaseLost, LogUnavailable].some((kind) => error instanceof kind)
      if (!foreseen) throw error
      watched.told = undefined
    } finally {
      watched.telling = false
    }
  }

  /** For the metrics; undefined until the nodes were asked for the first time. */
  facts(cluster: string): DriftFacts | undefined {
    const watched = this.#clusters.get(cluster)
    if (!watched || watched.watchedAt === 0) return undefined
    const none = FIELDS.map((field) => [PARAMETERS[field], 0] as const)
    const odd = watched.drift.map((one) => [PARAMETERS[one.parameter], oddNodes(one).length] as const)
    return {
      drifting: new Map<string, number>([...none, ...odd]),
      unpersisted: new Map<string, number>([...none, ...watched.unpersistedNodes]),
    }
  }

  /** Asks every node now, and says what there is to say. Touches nothing, and waits for no sample. */
  async look(cluster: Cluster): Promise<Eviction> {
    const readouts = await this.#read(cluster)
    const watched = this.#of(cluster.name)
    const now = this.#seconds()
    const { effective, drift } = agreement(readouts)
    const unpersisted = unpersistedIn(readouts, this.options.runs(cluster.name), now)
    const pressure = watched.history.pressure(readouts, now)
    const sinceSwitchSeconds = this.#sinceSwitch(cluster.name)
    const { sample } = watched
    return {
      cluster: cluster.name,
      effective,
      nodes: readouts.map(nodeOf),
      drift,
      unpersisted,
      pressure,
      sample: this.#sample(watched),
      advice: advise({
        readouts: readouts.filter(({ info }) => info),
        effective,
        drift,
        unpersisted,
        pressure,
        ...(sample && { sample: { summary: sample.summary, ageSeconds: now - sample.at } }),
        ...(sinceSwitchSeconds !== undefined && { sinceSwitchSeconds }),
      }),
    }
  }

  /** Begins to look at a sample of the keys, unless that is under way; the answer comes with `look`. */
  sample(cluster: Cluster): Sample {
    const watched = this.#of(cluster.name)
    if (!watched.sampling) {
      watched.sampling = { done: 0, total: 0 }
      watched.sampleError = ''
      void this.#takeSample(cluster, watched)
    }
    return this.#sample(watched)
  }

  async #takeSample(cluster: Cluster, watched: Watched): Promise<void> {
    const since = this.#sinceSwitch(cluster.name)
    const distrust =
      since !== undefined && since < SETTLE_SECONDS
        ? 'idle times and frequencies are left out: the policy was switched between LRU and LFU not long ago'
        : undefined
    try {
      const summary = await takeSample(cluster, await this.#read(cluster), {
        distrust,
        onProgress: (done, total) => (watched.sampling = { done, total }),
      })
      watched.sample = { summary, at: this.#seconds() }
    } catch (error) {
      watched.sampleError = (error as Error).message
    } finally {
      watched.sampling = undefined
    }
  }

  #sample({ sampling, sample, sampleError }: Watched): Sample {
    const state = sampling ? 'running' : sampleError !== '' ? 'failed' : sample ? 'done' : 'none'
    return {
      state,
      ...(sampling && { progress: sampling }),
      ...(sampleError !== '' && { error: sampleError }),
      ...(sample && {
        takenAt: new Date(sample.at * 1000).toISOString(),
        ageSeconds: Math.round(this.#seconds() - sample.at),
        summary: sample.summary,
      }),
    }
  }

  /** Whoever asks while the nodes are being asked shares the answer. */
  #read(cluster: Cluster): Promise<Readout[]> {
    const known = this.#underWay.get(cluster.name)
    if (known) return known
    const reading = this.#reader
      .read(cluster)
      .then((readouts) => {
        const watched = this.#of(cluster.name)
        const now = this.#seconds()
        watched.history.add(readouts, now)
        watched.drift = agreement(readouts).drift
        const counts = new Map<string, number>()
        for (const { parameter, nodes } of unpersistedIn(readouts, this.options.runs(cluster.name), now))
          counts.set(PARAMETERS[parameter], (counts.get(PARAMETERS[parameter]) ?? 0) + nodes.length)
        watched.unpersistedNodes = counts
        return readouts
      })
      .finally(() => this.#underWay.delete(cluster.name))
    this.#underWay.set(cluster.name, reading)
    return reading
  }

  /** Seconds since an operation here switched between LRU and LFU. */
  #sinceSwitch(cluster: string): number | undefined {
    const switches = this.options
      .runs(cluster)
      .flatMap(({ endedAt, changes }) =>
        changes.some(
          ({ parameter, to, from }) => parameter === PARAMETERS.policy && isLfu(to) !== isLfu(from),
        )
          ? [Date.parse(endedAt) / 1000]
          : [],
      )
    return switches.length === 0 ? undefined : Math.max(0, this.#seconds() - Math.max(...switches))
  }

  async #tell(cluster: string, watched: Watched): Promise<void> {
    const log = this.options.log?.()
    if (!log) return
    const fence = await this.options.fence?.(cluster)
    // What another process told, or this one under an earlier lease, is read again.
    if (watched.toldTo !== log || watched.toldUnder !== fence?.token) watched.told = undefined
    watched.toldTo = log
    watched.toldUnder = fence?.token
    if (this.options.fence && !fence) return
    watched.told ??= toldIn(await log.readStream(`cluster/${cluster}`))
    const { told, contrary, drift } = watched
    const events = FIELDS.flatMap((field): NewEvent[] => {
      const now = drift.find(({ parameter }) => parameter === field)
      const parameter = PARAMETERS[field]
      const seen = now ? disagreement(textOf(now)) : ''
      const before = contrary.get(parameter)
      const times = (told.get(parameter) ?? '') === seen ? 0 : before?.seen === seen ? before.times + 1 : 1
      contrary.set(parameter, { seen, times })
      if (times < TIMES_IN_A_ROW) return []
      return now
        ? [{ type: 'eviction.drifted', data: { parameter, values: textOf(now) } }]
        : [{ type: 'eviction.agreed', data: { parameter } }]
    })
    if (events.length === 0) return
    await log.append([{ stream: `cluster/${cluster}`, events }], fence)
    for (const { type, data } of events) {
      if (type === 'eviction.drifted') told.set(data.parameter, disagreement(data.values))
      else if (type === 'eviction.agreed') told.delete(data.parameter)
    }
  }

  #of(cluster: string): Watched {
    let watched = this.#clusters.get(cluster)
    if (!watched) {
      watched = {
        history: new History(),
        watchedAt: 0,
        drift: [],
        unpersistedNodes: new Map(),
        contrary: new Map(),
        told: undefined,
        toldTo: undefined,
        telling: false,
        toldUnder: undefined,
        sampling: undefined,
        sample: undefined,
        sampleError: '',
      }
      this.#clusters.set(cluster, watched)
    }
    return watched
  }

  #seconds(): number {
    return this.options.now().getTime() / 1000
  }
}

/** Parameters in which the log says that nodes disagree, and how. */
function toldIn(events: readonly StoredEvent[]): Map<string, string> {
  const told = new Map<string, string>()
  for (const { type, data } of events) {
    if (type === `${TYPE_PREFIX}eviction.drifted`) {
      const { parameter, values } = eventTypes['eviction.drifted'].data.parse(data)
      told.set(parameter, disagreement(values))
    }
    if (type === `${TYPE_PREFIX}eviction.agreed`)
      told.delete(eventTypes['eviction.agreed'].data.parse(data).parameter)
  }
  return told
}

/** The value that most have, and who has another: a node of the many that falls silent changes nothing about that. */
function disagreement([most, ...odd]: readonly { value: string; nodes: readonly string[] }[]): string {
  return JSON.stringify([most?.value, ...odd.map(({ value, nodes }) => [value, ...nodes.toSorted()]).sort()])
}

function textOf({ values }: Drift): { value: string; nodes: string[] }[] {
  return values.map(({ value, nodes }) => ({ value: String(value), nodes }))
}

function nodeOf(readout: Readout): EvictionNode {
  const { node, values, error, todo } = readout
  const { id, instance, shard, role } = node
  const usedMemory = numberIn(readout, 'used_memory')
  return {
    id,
    instance,
    shard,
    role,
    ...(usedMemory !== undefined && { usedMemory }),
    ...values,
    ...(error !== undefined && { error }),
    ...(todo !== undefined && { todo }),
  }
}
