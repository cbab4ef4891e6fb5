import { z } from 'zod'
import { noCounts, type Counts } from './counts.js'
import type { ShardCounts } from './pages.js'

const ranges = z.array(z.tuple([z.int(), z.int()]))

/** What a checkpoint holds besides the progress of the nodes: where a later process goes on. */
export const warmupState = z.object({
  /** When the copying began; ms since the epoch. */
  startedAt: z.number(),
  /** Keys that this run may have written without knowing it, if the process ends with this checkpoint. */
  doubt: z.number().default(0),
  /** Keys that were found existing and not counted, because keys of their slots were counted before. */
  passed: z.number().default(0),
  /** Slots of which not every key is copied yet. */
  todo: ranges,
  /** Slots that are copied once more; their keys were counted before. */
  again: ranges,
  /** Node id -> its pass that has not come to the end. */
  passes: z.record(
    z.string(),
    z.object({
      name: z.string(),
      runId: z.string(),
      epoch: z.string().default(''),
      cursor: z.string(),
      slots: ranges,
    }),
  ),
  /** How far a file was read. */
  file: z.object({ offset: z.int(), line: z.int() }).optional(),
  /** Name of a source node or file -> its keys, and what became of them. */
  sources: z.record(z.string(), z.object({ total: z.number(), counts: z.record(z.string(), z.number()) })),
  /** Target shard -> what came to it. */
  shards: z.record(z.string(), z.object({ written: z.number(), existing: z.number(), bytes: z.number() })),
})

export type WarmupState = z.output<typeof warmupState>

/** One source node, or the file. */
export interface SourceProgress {
  readonly name: string
  total: number
  outcome: 'waiting' | 'working' | 'done' | 'skipped'
  note: string
  counts: Counts
}

export function sourcesOf(state: WarmupState | undefined): Map<string, SourceProgress> {
  return new Map(
    Object.entries(state?.sources ?? {}).map(([name, { total, counts }]) => [
      name,
      { name, total, outcome: 'waiting', note: '', counts: { ...noCounts(), ...counts } },
    ]),
  )
}

export function shardsOf(state: WarmupState | undefined): Map<string, ShardCounts> {
  return new Map(Object.entries(state?.shards ?? {}).map(([shard, counts]) => [shard, { ...counts }]))
}
