import { z } from 'zod'

const ranges = z.array(z.tuple([z.int(), z.int()]))
const amount = z.object({ keys: z.number(), bytes: z.number() })

/** What a checkpoint holds besides the progress of the nodes: where a later process goes on. */
export const evictionState = z.object({
  /** When the run began; ms since the epoch. */
  startedAt: z.number(),
  /** Run id of a process -> the slots that it has swept and serves still. */
  covered: z.record(z.string(), ranges),
  /** Node id -> its pass that has not come to the end. */
  passes: z.record(
    z.string(),
    z.object({
      runId: z.string(),
      epoch: z.string().default(''),
      cursor: z.string(),
      slots: ranges,
      looked: z.number(),
    }),
  ),
  /** What of the caps is reserved, and so may be used. */
  reserved: amount,
  /** Keys of which nobody knows whether they were unlinked, if the process ends with this checkpoint. */
  unknown: z.number(),
  /** Name of a node -> how many keys it had, and what became of them. */
  nodes: z.record(
    z.string(),
    z.object({ shard: z.string(), total: z.number(), counts: z.record(z.string(), z.number()) }),
  ),
})

export type EvictionState = z.output<typeof evictionState>
export type LeftPass = EvictionState['passes'][string]

/**
 * What became of the keys of a node. `kept` match the pattern but not every criterion; `bytes` are of those evicted,
 * as MEMORY USAGE told them.
 */
export interface Counts {
  evicted: number
  kept: number
  bytes: number
}

/** One primary. */
export interface NodeState {
  readonly name: string
  readonly shard: string
  total: number
  /** About how many keys the pass that is under way has looked at. */
  looked: number
  outcome: 'waiting' | 'working' | 'done' | 'skipped'
  note: string
  readonly counts: Counts
}

export function nodesOf(state: EvictionState | undefined): Map<string, NodeState> {
  return new Map(
    Object.entries(state?.nodes ?? {}).map(([name, { shard, total, counts }]) => [
      name,
      {
        name,
        shard,
        total,
        looked: 0,
        outcome: 'waiting',
        note: '',
        counts: { evicted: 0, kept: 0, bytes: 0, ...counts },
      },
    ]),
  )
}
