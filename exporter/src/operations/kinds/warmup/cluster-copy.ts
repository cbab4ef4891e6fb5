import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import type { SlotRange } from '../../../redis/replies.js'
import { count } from '../../figures.js'
import { caughtUp } from './caught-up.js'
import { addCounts, countsOfAgain, noCounts } from './counts.js'
import { Pass } from './pass.js'
import { SlotSet } from '../../slots/slot-set.js'
import { PatientLink, readingLink, sourceNodes, type SourceNode } from './source-node.js'
import { settledSlots, type Settled } from '../../slots/settled-slots.js'
import { passing } from '../../nodes/passing.js'
import type { SourceProgress, WarmupState } from './state.js'
import type { Work } from './work.js'

/** So many nodes of the source are read at once. */
const NODES_AT_ONCE = 8
const LOOK_AGAIN_MS = 1000
/** A replica that takes longer to come as far as its primary was is not read. */
const CATCH_UP_MS = 10_000

interface Running {
  readonly name: string
  readonly runId: string
  readonly epoch: string
  readonly only: SlotSet
  readonly pass: Pass
}

type Left = WarmupState['passes'][string]

/**
 * Copies every key of a cluster or of a single node. A node's pass counts for the slots that the shard served all
 * the while, and that were not on their way elsewhere; what is left is read again where it is by then, until nothing is
 * left. A replica is read when it has what its primary had at that moment.
 */
export class ClusterCopy {
  /** Slots not read to the end yet. */
  readonly #todo: SlotSet
  /** Of them those whose keys were counted before. */
  readonly #again: SlotSet
  readonly #running = new Map<string, Running>()
  /** Node id -> its pass that a former process, or this one, could not bring to the end. */
  readonly #left: Map<string, Left>

  constructor(
    private readonly work: Work,
    private readonly source: Cluster,
    private readonly clientName: string,
    private readonly sources: Map<string, SourceProgress>,
    state: WarmupState | undefined,
  ) {
    this.#todo = state ? new SlotSet(state.todo) : SlotSet.all()
    this.#again = new SlotSet(state?.again)
    this.#left = new Map(Object.entries(state?.passes ?? {}))
  }

  state(): Pick<WarmupState, 'todo' | 'again' | 'passes'> {
    const running = [...this.#running].map(([id, { name, runId, epoch, only, pass }]) => {
      return [
        id,
        { name, runId, epoch, slots: without(only, pass.suspects).ranges(), cursor: pass.cursor },
      ] as const
    })
    return {
      todo: this.#todo.ranges(),
      again: this.#again.ranges(),
      passes: Object.fromEntries([...this.#left, ...running]),
    }
  }

  /** Has these slots copied once more: what was written there may be lost. */
  reopen(ranges: readonly SlotRange[]): void {
    const slots = new SlotSet(ranges)
    this.#todo.addAll(slots)
    this.#again.addAll(slots)
    for (const { pass } of this.#running.values()) pass.suspects.addAll(slots)
  }

  stop(error: Error): void {
    for (const { pass } of this.#running.values()) pass.stop(error)
  }

  /** @throws LimitReached, NodeError, and what ends the run */
  async run(): Promise<void> {
    for (;;) {
      await this.work.turn()
      await this.source.refresh()
      // What has moved must be seen at once: a replica may not have it yet.
      const { nodes, errors } = await sourceNodes(this.source, this.clientName, this.#again.size > 0)
      const before = this.#todo.size
      const ours = nodes.filter((node) => this.#todo.and(new SlotSet(node.primary.slots)).size > 0)
      await inParallel(ours, NODES_AT_ONCE, async (node) => {
        await this.#pass(node).catch((error: unknown) => errors.push(passing(error)))
      })
      if (this.#todo.size === 0) break
      const { gates } = this.work
      if (this.#todo.size === before) {
        gates.set('source', this.#whyLeft(errors))
        await setTimeout(LOOK_AGAIN_MS)
      } else gates.set('source', '')
    }
    this.work.gates.set('source', '')
  }

  #whyLeft(errors: readonly string[]): string {
    const why = errors.length > 0 ? errors.join('; ') : 'they are on their way, or no node serves them'
    return `${count(this.#todo.size)} slots of the source cannot be read yet: ${why}`
  }

  /** Reads one node to the end, for those slots that are not read yet. */
  async #pass(chosen: SourceNode): Promise<void> {
    const { source, clientName, work } = this
    const silent = (reason: string) => work.gates.set(`source ${chosen.node.id}`, reason)
    const before = await settledSlots(source, chosen.primary, clientName)
    const { epoch } = before
    const turn = () => work.turn()
    // Behind the slots: what has come with them has to be there, too.
    const node = await caughtUp(source, chosen, {
      clientName,
      waitMs: CATCH_UP_MS,
      turn,
      behind: silent,
    }).finally(() => silent(''))
    const { id, instance: name } = node.node
    const progress = this.#progressOf(name, node.keys)
    const resumed = this.#resume(node, before)
    // What another pass has counted in part, before it moved here, is read when that one is over.
    const only = resumed ? new SlotSet(resumed.slots) : without(before.slots.and(this.#todo), this.#underWay)
    if (only.size === 0) return
    if (!resumed) this.#takeOver(progress, only)
    progress.outcome = 'working'
    if (node !== chosen) progress.note = `read in place of ${chosen.node.instance}, which was behind`
    const raw = readingLink(source, node, clientName)
    const link = new PatientLink(raw, node.runId, turn, silent)
    const pass = new Pass(work, {
      name,
      link,
      cursor: resumed?.cursor ?? '0',
      only,
      counts: progress.counts,
      again: this.#again.and(only),
    })
    this.#running.set(id, { name, runId: node.runId, epoch, only, pass })
    try {
      await pass.run()
      this.#again.addAll(only) // its keys are counted, whatever has to be read once more
      const after = await settledSlots(source, node.primary, clientName)
      // Where slots came meanwhile, some of them may have been away while the pass came by.
      const covered = after.epoch === epoch ? without(only.and(after.slots), pass.suspects) : new SlotSet()
      this.#todo.remove(covered)
      this.#again.remove(covered)
      progress.outcome = 'done'
    } catch (error) {
      passing(error)
      // It is read again from the start, maybe at another process: a cursor means nothing there.
      this.#left.set(id, { name, runId: '', epoch, cursor: '0', slots: only.ranges() })
      throw error
    } finally {
      this.#running.delete(id)
      link.close()
      silent('')
    }
  }

  get #underWay(): SlotSet {
    const slots = new SlotSet()
    for (const { only } of this.#running.values()) slots.addAll(only)
    return slots
  }

  /** The pass of a former process that can go on: the same process is there, and no slot has come to it since. */
  #resume({ node, runId }: SourceNode, { slots, epoch }: Settled): Left | undefined {
    const left = this.#left.get(node.id)
    if (left?.runId !== runId || left.epoch !== epoch) return undefined
    if (slots.and(new SlotSet(left.slots)).size < slots.size) return undefined
    this.#left.delete(node.id)
    return left
  }

  /** Begins again what a pass has left in these slots: what it has counted must not count twice. */
  #takeOver(progress: SourceProgress, only: SlotSet): void {
    for (const [id, { name, slots }] of this.#left) {
      const left = new SlotSet(slots)
      if (only.and(left).size === 0) continue
      this.#left.delete(id)
      // It counted only what it wrote.
      if (without(left, this.#again).size === 0) continue
      const before = this.#progressOf(name, 0)
      const counted = countsOfAgain(before.counts, this.work.spec.conflict)
      before.counts = noCounts()
      if (before === progress) {
        before.note = 'read again from the start: it was started anew, or slots came to it'
      } else {
        before.outcome = 'skipped'
        before.total = 0
        before.note = `${progress.name} is read in its place`
      }
      addCounts(progress.counts, counted)
    }
  }

  #progressOf(name: string, keys: number): SourceProgress {
    let progress = this.sources.get(name)
    if (!progress) {
      progress = { name, total: keys, outcome: 'waiting', note: '', counts: noCounts() }
      this.sources.set(name, progress)
    }
    progress.total = Math.max(progress.total, keys)
    return progress
  }
}

/** Waits for all that have begun, also when one fails. @throws what the first that failed has thrown */
async function inParallel<T>(
  items: readonly T[],
  limit: number,
  use: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await use(next).catch((error: unknown) => {
        queue.length = 0
        throw error
      })
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, queue.length) }, worker))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}

function without(slots: SlotSet, others: SlotSet): SlotSet {
  const rest = slots.and(slots)
  rest.remove(others)
  return rest
}
