import type { EventData, NewEvent } from '../contract/events.js'
import type { HeldLease } from '../events/held-lease.js'
import { LeaseLost, LogUnavailable, type StreamAppend } from '../events/log.js'
import type { Cluster } from '../redis/cluster.js'
import { sayFrozen } from './frozen.js'
import { Cancelled, OwnershipLost, type Ending, type Kind, type RunContext } from './kind.js'
import { connectionName, endOlderConnections } from './older-connections.js'
import type { OperationRecord } from './record.js'
import type { OperationStore } from './store.js'
import { Waits } from './waits.js'

/** The process ends: the operation is left where it is and goes on elsewhere, or at the next start. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

export interface DriveOptions {
  readonly store: OperationStore
  readonly clusterOf: (name: string) => Cluster | undefined
  readonly kindOf: (name: string) => Kind | undefined
  /** How long to wait before an append is tried again that the log could not take. */
  readonly retryMs: number
}

type Events = readonly NewEvent[] | ((record: OperationRecord | undefined) => readonly NewEvent[])

/** One run under its lease: from the first start or from the last checkpoint to the end. */
export class Drive {
  /** Why it stands still although nobody paused it; undefined when it does not. */
  hindrance: string | undefined
  readonly #waits: Waits
  readonly #over: AbortSignal
  #pausing: Promise<void> | undefined

  /**
   * @param stop aborted when the process ends
   * @param takenUp by whom, and from whom, where somebody had it before
   */
  constructor(
    private readonly id: string,
    private readonly lease: HeldLease,
    private readonly options: DriveOptions,
    private readonly stop: AbortSignal,
    private readonly takenUp: EventData<'operation.taken-up'>,
  ) {
    this.#over = AbortSignal.any([stop, lease.lost])
    this.#over.addEventListener('abort', () => options.store.wake(id))
    this.#waits = new Waits(
      () => options.store.get(id)!.run!.gates,
      (events) => this.#append(events),
    )
  }

  /** Ends with the run, or leaves it to whoever has the lease next. Throws only for what nobody foresaw. */
  async toTheEnd(): Promise<void> {
    try {
      if (this.lease.fence.token > 1) await this.#append([{ type: 'operation.taken-up', data: this.takenUp }])
      const ending = await this.#end()
      const { cluster } = this.#record
      const released: StreamAppend = {
        stream: `admission/${cluster}`,
        events: [{ type: 'admission.released', data: { operation: this.id } }],
      }
      await this.#append([{ type: 'operation.ended', data: ending }], () => [released])
    } catch (error) {
      if (!(error instanceof Stopped || error instanceof OwnershipLost)) throw error
    }
  }

  get #record(): OperationRecord {
    return this.options.store.get(this.id)!
  }

  async #end(): Promise<Ending> {
    const { clusterOf, kindOf } = this.options
    const record = this.#record
    const [kind, cluster] = [kindOf(record.kind), clusterOf(record.cluster)]
    if (!kind || !cluster) {
      return {
        state: 'needs-attention',
        summary: `${kind ? `cluster ${record.cluster}` : `kind ${record.kind}`} is not configured here any more`,
      }
    }
    try {
      await this.#discovered(cluster)
      // What held up a former process is for the kind to say again.
      await this.#waits.say({})
      await this.#alone(cluster)
      return await kind.run(kind.spec.parse(record.spec), this.#context(cluster, kind))
    } catch (error) {
      if (error instanceof Stopped || error instanceof OwnershipLost) throw error
      const what =
        error instanceof Cancelled
          ? error.message
          : `stopped by an unforeseen error: ${(error as Error).message}`
      return { state: 'needs-attention', summary: `${what}; compare the nodes with the plan` }
    }
  }

  /** After a restart the nodes have to be found first: a cluster without nodes would be done at once. */
  async #discovered(cluster: Cluster): Promise<void> {
    while (!cluster.reading || cluster.errors.length > 0) {
      this.#goOn()
      await this.#hindered(`no node of cluster ${cluster.name} has answered yet`)
    }
    this.hindrance = undefined
  }

  /** Before the first write nobody else may still be able to write for this operation. */
  async #alone(cluster: Cluster): Promise<void> {
    const { token } = this.lease.fence
    const ended = new Set<string>()
    while (token > 1) {
      this.#goOn()
      const problems = await endOlderConnections(cluster, this.id, token, ended)
      await this.#waits.say({ own: problems })
      if (problems.length === 0) return
      if (this.#record.run!.cancelRequested) throw new Cancelled(`cancelled while ${problems.join('; ')}`)
      await this.#pause()
      await cluster.refresh()
    }
  }

  #context(cluster: Cluster, { yieldsTo = [] }: Kind): RunContext {
    const { id, options } = this
    const { ready, run, keyPrefixes } = this.#record
    return {
      id,
      cluster,
      ...(keyPrefixes && { keyPrefixes }),
      body: ready!.body,
      connectionName: connectionName(id, this.lease.fence.token),
      mustOwn: () => this.#mustOwn(),
      confirmOwn: () => this.#confirmOwn(),
      nodes: [...run!.nodes.values()],
      undone:
        run!.undoing === undefined ? undefined : { reason: run!.undoing, cancelled: run!.cancelRequested },
      state: run!.checkpoint,
      checkpoint: (nodes, state) =>
        this.#append([
          {
            type: 'operation.progressed',
            // The run goes on counting, and where the log takes nothing this is appended later.
            data: structuredClone({ nodes: [...nodes], ...(state !== undefined && { checkpoint: state }) }),
          },
        ]),
      rate: () => options.store.get(id)!.run!.rate ?? {},
      gate: (reasons) => this.#waits.say({ own: reasons }),
      measured: (when, values) => this.#append([{ type: 'operation.measured', data: { when, values } }]),
      compared: (result) => this.#append([{ type: 'operation.compared', data: result }]),
      verifying: () => this.#append([{ type: 'operation.verifying', data: {} }]),
      undoing: (reason) => this.#append([{ type: 'operation.undoing', data: { reason } }]),
      turn: () => this.#turn(cluster.name, yieldsTo),
    }
  }

  async #turn(cluster: string, yieldsTo: readonly string[]): Promise<void> {
    const { store } = this.options
    for (;;) {
      this.#goOn()
      const { run } = this.#record
      if (run?.cancelRequested && run.undoing === undefined)
        throw new Cancelled('cancelled in the middle of a piece')
      const yielding = this.#first(cluster, yieldsTo)
      if (run?.hold) {
        this.hindrance = undefined
        await store.changed(this.id)
      } else if (store.frozen.on) await this.#hindered(sayFrozen(store.frozen))
      else if (yielding.length > 0) {
        await this.#waits.say({ yielding })
        await this.#pause()
      } else break
    }
    this.hindrance = undefined
    await this.#waits.noLongerYielding()
  }

  /** Operations of these kinds that work on the cluster and go first. */
  #first(cluster: string, kinds: readonly string[]): string[] {
    if (kinds.length === 0) return []
    return [...this.options.store.admission(cluster).holders]
      .filter(([, { kind }]) => kinds.includes(kind))
      .map(([operation, { kind }]) => `${kind} ${operation} goes first`)
  }

  /** Appends, and waits while the log cannot take it: an operation that cannot be recorded does not go on. */
  async #append(events: Events, others?: () => readonly StreamAppend[]): Promise<void> {
    const { store } = this.options
    const version = store.versionOf(`operation/${this.id}`)
    for (let since: number | undefined; ; since = version) {
      this.#mustOwn()
      try {
        await store.append(this.id, events, { others, fence: this.lease.fence, since })
        this.hindrance = undefined
        return
      } catch (error) {
        if (error instanceof LeaseLost) this.lease.lose()
        else if (!(error instanceof LogUnavailable)) throw error
        this.#goOn()
        await this.#hindered(`the event log takes nothing: ${(error as Error).message}`)
      }
    }
  }

  #mustOwn(): void {
    if (!this.lease.isHeld()) throw new OwnershipLost(`operation ${this.id} is no longer run by this process`)
  }

  async #confirmOwn(): Promise<void> {
    for (;;) {
      try {
        await this.lease.confirm()
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error
        this.#goOn()
        await this.#hindered(`the event log does not answer: ${error.message}`)
        continue
      }
      this.#goOn()
      return
    }
  }

  #goOn(): void {
    this.#mustOwn()
    if (this.stop.aborted) throw new Stopped('the process ends')
  }

  async #hindered(why: string): Promise<void> {
    this.hindrance = why
    await this.#pause()
  }

  /** However many wait, they wait together. */
  #pause(): Promise<void> {
    const signal = this.#over
    this.#pausing ??= new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#pausing = undefined
        resolve()
      }
      const timer = setTimeout(wake, signal.aborted ? 0 : this.options.retryMs)
      signal.addEventListener('abort', wake)
    })
    return this.#pausing
  }
}
