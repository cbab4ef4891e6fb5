import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import type { Ownership } from '../../../redis/ownership.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { count } from '../../figures.js'
import { factsOf, type NodeFacts } from '../../nodes/node-facts.js'
import { NodeChanged, passing } from '../../nodes/passing.js'
import { primariesOf } from '../../nodes/primaries.js'
import type { Gates } from '../../pacing/gates.js'
import { settledSlots, type Settled } from '../../slots/settled-slots.js'
import { SlotSet } from '../../slots/slot-set.js'
import type { Criteria } from './criteria.js'
import type { LeftOut } from './left-out.js'
import { NodeLink } from './node-link.js'
import type { Pace } from './pace.js'
import { UNLINKS } from './script.js'
import type { EvictionState, LeftPass, NodeState } from './state.js'
import { Sweep } from './sweep.js'

/** What all parts of one run share. */
export interface Work {
  readonly cluster: Cluster
  readonly criteria: Criteria
  /** RunContext.connectionName. */
  readonly connectionName: string
  readonly guard: Ownership
  readonly pace: Pace
  readonly gates: Gates
  readonly leftOut: LeftOut
  /** By instance. */
  readonly nodes: Map<string, NodeState>
  /** Resolves when the run may go on. Rejects when it shall end. */
  readonly turn: () => Promise<void>
  /** Ends the run. */
  readonly fail: (error: unknown) => void
}

interface Running {
  readonly runId: string
  readonly epoch: string
  readonly only: SlotSet
  readonly sweep: Sweep
  readonly node: NodeState
}

const LOOK_AGAIN_MS = 1000

/**
 * Sweeps every slot of a cluster. A node's pass counts for the slots that it served all the while, and that were not on
 * their way elsewhere; what is left is swept where it is by then. A slot that another process serves than the
 * one that swept it (a failover, a restart, a move) may have keys again that were unlinked: it is swept once more.
 */
export class Passes {
  /** Run id of a process -> the slots that it has swept and serves still. */
  readonly #covered: Map<string, SlotSet>
  readonly #running = new Map<string, Running>()
  /** Node id -> its pass that a former process, or this one, could not bring to the end. */
  readonly #left: Map<string, LeftPass>

  constructor(
    private readonly work: Work,
    state: EvictionState | undefined,
  ) {
    this.#covered = new Map(
      Object.entries(state?.covered ?? {}).map(([runId, slots]) => [runId, new SlotSet(slots)]),
    )
    this.#left = new Map(Object.entries(state?.passes ?? {}))
  }

  get #todo(): SlotSet {
    const todo = SlotSet.all()
    for (const slots of this.#covered.values()) todo.remove(slots)
    return todo
  }

  state(): Pick<EvictionState, 'covered' | 'passes'> {
    const running = [...this.#running].map(
      ([id, { runId, epoch, only, sweep, node }]): [string, LeftPass] => {
        const slots = only.and(only)
        slots.remove(sweep.suspects)
        return [id, { runId, epoch, slots: slots.ranges(), cursor: sweep.cursor, looked: node.looked }]
      },
    )
    return {
      covered: Object.fromEntries([...this.#covered].map(([runId, slots]) => [runId, slots.ranges()])),
      passes: Object.fromEntries([...this.#left, ...running]),
    }
  }

  /** @throws LimitReached, Forbidden, and what ends the run */
  async run(): Promise<void> {
    const { cluster, gates, turn, fail } = this.work
    for (;;) {
      await turn()
      await cluster.refresh()
      const errors: string[] = []
      const nodes = await this.#look(errors)
      // Only a look after the last pass shows that nobody has taken over meanwhile.
      const todo = this.#todo
      if (todo.size === 0 && errors.length === 0) break
      const ours = nodes.filter(({ node }) => todo.and(new SlotSet(node.slots)).size > 0)
      await inParallel(ours, async (facts) => {
        try {
          await this.#pass(facts).catch((error: unknown) => void errors.push(passing(error)))
        } catch (error) {
          fail(error)
          throw error
        }
      })
      if (this.#todo.size < todo.size) gates.set('slots', '')
      else {
        gates.set('slots', this.#whyLeft(errors))
        await setTimeout(LOOK_AGAIN_MS)
      }
    }
    gates.set('slots', '')
  }

  #whyLeft(errors: readonly string[]): string {
    const why = errors.length > 0 ? errors.join('; ') : 'they are on their way, or no node serves them'
    return `${count(this.#todo.size)} slots cannot be worked on yet: ${why}`
  }

  /** Every primary as it is now. What another process has swept than the one that serves it now is open again. */
  async #look(errors: string[]): Promise<NodeFacts[]> {
    const { cluster, connectionName } = this.work
    const looks = await Promise.all(
      primariesOf(cluster).map((node) =>
        factsOf(cluster, node, connectionName).catch((error: unknown) => {
          errors.push(passing(error))
          return undefined
        }),
      ),
    )
    const nodes = looks.filter((one) => one !== undefined)
    for (const { node, runId } of nodes)
      for (const [by, slots] of this.#covered) if (by !== runId) slots.remove(new SlotSet(node.slots))
    return nodes
  }

  async #pass({ node, runId, keys }: NodeFacts): Promise<void> {
    const { work } = this
    const before = await settledSlots(work.cluster, node, work.connectionName)
    const { epoch } = before
    const resumed = this.#resume(node, runId, before)
    const only = resumed ? new SlotSet(resumed.slots) : before.slots.and(this.#todo)
    if (only.size === 0) return
    const state = this.#stateOf(node, keys)
    if (!resumed) work.leftOut.forget(only)
    state.looked = resumed?.looked ?? 0
    state.outcome = 'working'
    const silent = (reason: string) => work.gates.set(`node ${node.id}`, reason)
    const link = new NodeLink(work.cluster, node.address, UNLINKS, {
      name: work.connectionName,
      guard: work.guard,
      runId,
      turn: work.turn,
      silent,
    })
    const { criteria, pace, leftOut } = work
    const sweep = new Sweep({ criteria, pace, leftOut, node: state, link, cursor: resumed?.cursor ?? '0' })
    this.#running.set(node.id, { runId, epoch, only, sweep, node: state })
    try {
      await sweep.run()
      const after = await settledSlots(work.cluster, node, work.connectionName)
      // Where slots came meanwhile, some of them may have been away while the pass came by.
      const covered = after.epoch === epoch ? only.and(after.slots) : new SlotSet()
      covered.remove(sweep.suspects)
      covered.addAll(this.#covered.get(runId) ?? new SlotSet())
      this.#covered.set(runId, covered)
      state.looked = state.total
      state.outcome = 'done'
    } catch (error) {
      // Another process there: what its cursor means is gone with the old one.
      if (!(error instanceof NodeChanged)) throw error
      const { looked } = state
      this.#left.set(node.id, { runId, epoch, slots: only.ranges(), cursor: sweep.cursor, looked })
      state.outcome = 'waiting'
      throw error
    } finally {
      this.#running.delete(node.id)
      link.close()
      silent('')
    }
  }

  /** The pass of a node that can go on: the same process is there, and no slot to be swept has come to it since. */
  #resume(node: ClusterNode, runId: string, { slots, epoch }: Settled): LeftPass | undefined {
    const left = this.#left.get(node.id)
    this.#left.delete(node.id)
    if (left?.runId !== runId || left.epoch !== epoch) return undefined
    const come = slots.and(this.#todo)
    come.remove(new SlotSet(left.slots))
    return come.size === 0 ? left : undefined
  }

  #stateOf({ instance, shard }: ClusterNode, keys: number): NodeState {
    const { nodes } = this.work
    let state = nodes.get(instance)
    if (!state) {
      const counts = { evicted: 0, kept: 0, bytes: 0 }
      state = { name: instance, shard, total: keys, looked: 0, outcome: 'waiting', note: '', counts }
      nodes.set(instance, state)
    }
    state.total = Math.max(state.total, keys)
    return state
  }
}

/** Waits for all, also when one fails. @throws what the first that failed has thrown */
async function inParallel<T>(items: readonly T[], use: (item: T) => Promise<void>): Promise<void> {
  const ends = await Promise.allSettled(items.map(use))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}
