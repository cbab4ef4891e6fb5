import type { NodeProgress } from '../contract/operations.js'
import type { Fact } from '../events/log.js'
import { applyEvent } from './fold.js'
import type { FreezeState } from './operations.js'
import { addUp, countsOf } from './progress.js'
import { copyOf, isOpen, readEvent, type OperationRecord, type OwnRecord, type Run } from './record.js'

/** An operation that works on a cluster. */
export interface Holder {
  readonly kind: string
  /** The shards that it works on; absent: all. */
  readonly shards?: readonly string[] | undefined
}

export interface Admission {
  readonly version: number
  /** By operation. */
  readonly holders: ReadonlyMap<string, Holder>
}

/** What operations of a kind counted on a cluster that are not remembered one by one any more. */
interface Past {
  readonly cluster: string
  readonly kind: string
  readonly counts: Readonly<Record<string, number>>
}

/** The state as JSON. */
interface Saved {
  readonly records: readonly SavedRecord[]
  readonly admissions: readonly {
    readonly cluster: string
    readonly version: number
    readonly holders: readonly (Holder & { readonly operation: string })[]
  }[]
  readonly control: { readonly version: number; readonly frozen: FreezeState }
  readonly past: readonly Past[]
}
type SavedRecord = Omit<OperationRecord, 'run'> & {
  readonly run?: Omit<Run, 'nodes'> & { readonly nodes: readonly NodeProgress[] }
}

/** Of `Saved`: another shape, another number. */
export const SNAPSHOT_FORMAT = 1

const NOBODY: Admission = { version: 0, holders: new Map() }

/** The state of all operations: a fold of the log. Events of a stream come in their order; known ones are passed over. */
export class OperationsState {
  readonly #records = new Map<string, OwnRecord>()
  /** Plans that are being made and runs that are not over. */
  readonly unfinished = new Set<string>()
  readonly #admissions = new Map<string, Admission>()
  #control: Saved['control'] = { version: 0, frozen: { on: false, reason: '' } }
  #past: Past[] = []

  static from(json: unknown): OperationsState {
    const { records, admissions, control, past } = json as Saved
    const state = new OperationsState()
    for (const { run, ...record } of records) {
      const nodes = new Map(run?.nodes.map((node) => [node.node, node]))
      state.#remember(run ? { ...record, run: { ...run, nodes } } : record)
    }
    for (const { cluster, version, holders } of admissions) {
      const byOperation = holders.map(({ operation, ...holder }) => [operation, holder] as const)
      state.#admissions.set(cluster, { version, holders: new Map(byOperation) })
    }
    state.#control = control
    state.#past = [...past]
    return state
  }

  toJSON(): Saved {
    const records = [...this.records.values()].map(({ run, ...record }): SavedRecord =>
      run ? { ...record, run: { ...run, nodes: [...run.nodes.values()] } } : record,
    )
    const admissions = [...this.#admissions].map(([cluster, { version, holders }]) => ({
      cluster,
      version,
      holders: [...holders].map(([operation, holder]) => ({ operation, ...holder })),
    }))
    return { records, admissions, control: this.#control, past: this.#past }
  }

  get records(): ReadonlyMap<string, OperationRecord> {
    return this.#records
  }

  get frozen(): FreezeState {
    return this.#control.frozen
  }

  admission(cluster: string): Admission {
    return this.#admissions.get(cluster) ?? NOBODY
  }

  /** Up to where a stream is known; 0 for one that is not. */
  versionOf(stream: string): number {
    const [family, name] = split(stream)
    if (family === 'operation') return this.records.get(name)?.version ?? 0
    return family === 'admission' ? this.admission(name).version : this.#control.version
  }

  /**
   * @param unseen nobody has got a record of this state yet, so that none has to stay as it is
   * @returns the operation that it changed, if it did
   */
  apply(event: Fact, unseen = false): string | undefined {
    const [family, name] = split(event.subject)
    if (family === 'operation') return this.#operate(name, event, unseen)
    if (family !== 'admission' && family !== 'control') return undefined
    if (event.streamversion <= this.versionOf(event.subject)) return undefined
    if (family === 'admission') this.#admissions.set(name, admit(this.admission(name), event))
    else this.#steer(event)
    return undefined
  }

  /** What operations of a kind counted on a cluster since the log began; undefined where they count nothing. */
  countsOf(cluster: string, kind: string): Record<string, number> | undefined {
    const isOwn = (of: Pick<Past, 'cluster' | 'kind'>) => of.cluster === cluster && of.kind === kind
    const past = this.#past.filter(isOwn).map(({ counts }) => counts)
    const counted = [...this.records.values()].filter(isOwn).map(counts)
    return addUp([...past, ...counted.filter((one) => one !== undefined)])
  }

  /**
   * Lets go of operations that were over before a moment, and of plans of before another that were never run; what was
   * counted stays.
   */
  forget(before: { readonly runs: Date; readonly plans: Date }): void {
    const [runs, plans] = [before.runs.toISOString(), before.plans.toISOString()]
    for (const record of this.records.values()) {
      const { id, cluster, kind, createdAt, run } = record
      if (this.unfinished.has(id)) continue
      if (run ? (run.endedAt ?? createdAt) >= runs : createdAt >= plans) continue
      this.#records.delete(id)
      const own = counts(record)
      if (!own) continue
      const isOther = (past: Past) => past.cluster !== cluster || past.kind !== kind
      const before = this.#past.find((past) => !isOther(past))?.counts ?? {}
      this.#past = [...this.#past.filter(isOther), { cluster, kind, counts: addUp([before, own])! }]
    }
  }

  #operate(id: string, event: Fact, unseen: boolean): string | undefined {
    const known = this.#records.get(id)
    if (known && event.streamversion <= known.version) return undefined
    const record = applyEvent(known && !unseen ? copyOf(known) : known, event)
    if (record) this.#remember(record)
    return record && id
  }

  #remember(record: OwnRecord): void {
    this.#records.set(record.id, record)
    if (isPlanning(record) || isOpen(record)) this.unfinished.add(record.id)
    else this.unfinished.delete(record.id)
  }

  #steer(event: Fact): void {
    const typed = readEvent(event)
    const { frozen } = this.#control
    // Who comes second is an event of the log: whoever asks is told since when it is so, and why.
    const isNews = typed?.name === 'freeze.changed' && typed.data.on !== frozen.on
    this.#control = {
      version: event.streamversion,
      frozen: isNews ? { ...typed.data, since: event.time } : frozen,
    }
  }
}

/** Whether a plan was asked for and has not come to anything. */
export function isPlanning({ ready, refused, run }: OperationRecord): boolean {
  return !ready && !refused && !run
}

function counts({ run }: OperationRecord): Record<string, number> | undefined {
  return run && countsOf([...run.nodes.values()])
}

function admit({ holders }: Admission, event: Fact): Admission {
  const typed = readEvent(event)
  const next = new Map(holders)
  if (typed?.name === 'admission.granted') {
    const { operation, kind, shards } = typed.data
    next.set(operation, { kind, ...(shards && { shards }) })
  }
  if (typed?.name === 'admission.released') next.delete(typed.data.operation)
  return { version: event.streamversion, holders: next }
}

function split(stream: string): [family: string, name: string] {
  const slash = stream.indexOf('/')
  return slash < 0 ? [stream, ''] : [stream.slice(0, slash), stream.slice(slash + 1)]
}
