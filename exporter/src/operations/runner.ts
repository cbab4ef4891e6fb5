import { LogUnavailable, type StreamAppend } from '../events/log.js'
import type { Cluster } from '../redis/cluster.js'
import { Cancelled, type Ending, type Kind, type RunContext } from './kind.js'
import type { OperationStore } from './store.js'

/** The process ends: the operation is left where it is and goes on at the next start. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

export interface RunnerOptions {
  readonly store: OperationStore
  readonly clusterOf: (name: string) => Cluster | undefined
  readonly kindOf: (name: string) => Kind | undefined
  /** How long to wait before an append is tried again that the log could not take. */
  readonly retryMs: number
  /** Something failed that should not; the operation is left as the log has it. */
  readonly onError: (error: unknown, id: string) => void
}

/** Why a run waits although nobody paused it: what its kind says, and the operations that it lets pass. */
interface Gates {
  readonly own: readonly string[]
  readonly yielding: readonly string[]
  /** When they were recorded last; performance.now(). */
  readonly recordedAt: number
}

/** A wait whose figures change while it lasts is recorded anew so often at most. */
const SAME_WAIT_MS = 10_000

/** Drives runs: from the first start or from the last checkpoint to the end. */
export class Runner {
  readonly #driving = new Map<string, Promise<void>>()
  readonly #hindrances = new Map<string, string>()
  readonly #gates = new Map<string, Gates>()
  readonly #stop = new AbortController()

  constructor(private readonly options: RunnerOptions) {}

  /** Why an operation stands still although nobody paused it. */
  hindrance(id: string): string | undefined {
    return this.#hindrances.get(id)
  }

  /** @param again a former process has begun it */
  drive(id: string, again = false): void {
    if (this.#driving.has(id)) return
    const driving = this.#drive(id, again)
      .catch((error: unknown) => this.options.onError(error, id))
      .finally(() => {
        this.#driving.delete(id)
        this.#gates.delete(id)
      })
    this.#driving.set(id, driving)
  }

  /** Lets every run come to its next turn and leaves it there. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#driving.values())
  }

  async #drive(id: string, again: boolean): Promise<void> {
    try {
      if (again) await this.append(id, [{ type: 'operation.taken-up', data: {} }])
      const ending = await this.#end(id)
      const { cluster } = this.options.store.get(id)!
      const released = {
        stream: `admission/${cluster}`,
        events: [{ type: 'admission.released', data: { operation: id } }],
      } as const
      await this.append(id, [{ type: 'operation.ended', data: ending }], [released])
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    }
  }

  async #end(id: string): Promise<Ending> {
    const { store, clusterOf, kindOf } = this.options
    const record = store.get(id)!
    const [kind, cluster] = [kindOf(record.kind), clusterOf(record.cluster)]
    if (!kind || !cluster) {
      return {
        state: 'needs-attention',
        summary: `${kind ? `cluster ${record.cluster}` : `kind ${record.kind}`} is not configured here any more`,
      }
    }
    try {
      await this.#discovered(id, cluster)
      // What held up a former process is for the kind to say again.
      if (record.run!.gates.length > 0) await this.#gate(id, {})
      return await kind.run(kind.spec.parse(record.spec), this.#context(id, cluster, kind))
    } catch (error) {
      if (error instanceof Stopped) throw error
      const what =
        error instanceof Cancelled
          ? 'cancelled in the middle of a piece'
          : `stopped by an unforeseen error: ${(error as Error).message}`
      return { state: 'needs-attention', summary: `${what}; compare the nodes with the plan` }
    }
  }

  /** After a restart the nodes have to be found first: a cluster without nodes would be done at once. */
  async #discovered(id: string, cluster: Cluster): Promise<void> {
    while (!cluster.reading || cluster.errors.length > 0) {
      this.#stopIfAsked()
      await this.#hindered(id, `no node of cluster ${cluster.name} has answered yet`)
    }
    this.#hindrances.delete(id)
  }

  #context(id: string, cluster: Cluster, { yieldsTo = [] }: Kind): RunContext {
    const { store } = this.options
    const { ready, run, keyPrefixes } = store.get(id)!
    return {
      id,
      cluster,
      ...(keyPrefixes && { keyPrefixes }),
      body: ready!.body,
      connectionName: `slotwise/${id}/0`,
      mustOwn: () => undefined,
      nodes: [...run!.nodes.values()],
      undone:
        run!.undoing === undefined ? undefined : { reason: run!.undoing, cancelled: run!.cancelRequested },
      state: run!.checkpoint,
      checkpoint: (nodes, state) =>
        this.append(id, [
          {
            type: 'operation.progressed',
            data: { nodes: [...nodes], ...(state !== undefined && { checkpoint: state }) },
          },
        ]),
      rate: () => store.get(id)!.run!.rate ?? {},
      gate: (reasons) => this.#gate(id, { own: reasons }),
      measured: (when, values) => this.append(id, [{ type: 'operation.measured', data: { when, values } }]),
      compared: (result) => this.append(id, [{ type: 'operation.compared', data: result }]),
      verifying: () => this.append(id, [{ type: 'operation.verifying', data: {} }]),
      undoing: (reason) => this.append(id, [{ type: 'operation.undoing', data: { reason } }]),
      turn: () => this.#turn(id, cluster.name, yieldsTo),
    }
  }

  async #turn(id: string, cluster: string, yieldsTo: readonly string[]): Promise<void> {
    const { store } = this.options
    for (;;) {
      this.#stopIfAsked()
      const { run } = store.get(id)!
      if (run?.cancelRequested && run.undoing === undefined) throw new Cancelled('cancelled')
      const yielding = this.#holders(cluster, yieldsTo)
      if (run?.hold) await store.changed(id, this.#stop.signal)
      else if (store.frozen.on) await this.#hindered(id, `frozen: ${store.frozen.reason}`)
      else if (yielding.length > 0) {
        await this.#gate(id, { yielding })
        await this.#pause()
      } else break
    }
    this.#hindrances.delete(id)
    if (this.#gates.get(id)?.yielding.length) await this.#gate(id, { yielding: [] })
  }

  /** Operations of these kinds that work on the cluster. */
  #holders(cluster: string, kinds: readonly string[]): string[] {
    if (kinds.length === 0) return []
    return [...this.options.store.admission(cluster).holders]
      .filter(([, kind]) => kinds.includes(kind))
      .map(([operation, kind]) => `${kind} ${operation} goes first`)
  }

  /** Records why the run waits, where that is not what the log says already. */
  async #gate(id: string, change: Partial<Gates>): Promise<void> {
    const gates = { own: [], yielding: [], recordedAt: -Infinity, ...this.#gates.get(id), ...change }
    const all = [...gates.yielding, ...gates.own]
    const recent = performance.now() - gates.recordedAt < SAME_WAIT_MS
    const isRecorded = (said: readonly string[]) =>
      isSame(all, said) || (recent && isSame(all.map(withoutFigures), said.map(withoutFigures)))
    const recorded = isRecorded(this.options.store.get(id)!.run!.gates)
    this.#gates.set(id, recorded ? gates : { ...gates, recordedAt: performance.now() })
    if (recorded) return
    await this.append(id, (record) => {
      if (isRecorded(record?.run?.gates ?? [])) return []
      return all.length > 0
        ? [{ type: 'operation.paused', data: { reason: all.join('; '), gates: all } }]
        : [{ type: 'operation.resumed', data: { reason: 'nothing holds it up any more' } }]
    })
  }

  async #hindered(id: string, why: string): Promise<void> {
    this.#hindrances.set(id, why)
    await this.#pause()
  }

  /**
   * Appends, and waits while the log cannot take it: an operation that cannot be recorded does not go on.
   * @throws when the process ends meanwhile
   */
  async append(
    id: string,
    events: Parameters<OperationStore['append']>[1],
    others: readonly StreamAppend[] = [],
  ): Promise<void> {
    for (;;) {
      try {
        await this.options.store.append(id, events, others)
        this.#hindrances.delete(id)
        return
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error
        this.#stopIfAsked()
        await this.#hindered(id, `the event log takes nothing: ${error.message}`)
      }
    }
  }

  #pause(): Promise<void> {
    const { signal } = this.#stop
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, this.options.retryMs)
      signal.addEventListener('abort', wake)
    })
  }

  #stopIfAsked(): void {
    if (this.#stop.signal.aborted) throw new Stopped('the process ends')
  }
}

function withoutFigures(text: string): string {
  return text.replace(/\d+/g, '')
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i])
}
