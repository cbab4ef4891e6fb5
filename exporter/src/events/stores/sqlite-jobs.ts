import type { Fence, Lease, LogStats, Order, Trimmed, VerifyReport } from '../log.js'
import type { Flat } from './sqlite-appends.js'
import type { SnapshotRow } from './sqlite-snapshots.js'

export interface RowQuery {
  /** Absent: from the end that comes first. */
  readonly after?: number
  readonly order: Order
  readonly stream?: string
  readonly type?: string
  readonly without?: string
  readonly limit: number
}

/** A page of events. */
export interface EventTexts {
  /** An array of events as readers get them, or of facts. */
  readonly json: string
  readonly count: number
  /** The lowest and the highest position; null for none. */
  readonly first: number | null
  readonly last: number | null
}

/** A page, and how the log was when it was read. */
export interface PageTexts extends EventTexts {
  readonly next: string
  /** Position up to which it was trimmed. */
  readonly through: number
}

/** Who makes a digest, when, and its id. */
export interface DigestAuthor {
  readonly source: string
  readonly id: string
  readonly time: string
}

/** A trim, and who tells of it. */
export interface TrimOrder extends DigestAuthor {
  /** Unix time. */
  readonly beforeMs: number
  /** Position up to which the oldest snapshot has everything. */
  readonly covered: number
}

/** What the worker does: the arguments of each job and what it answers. */
export interface Jobs {
  /** `again`: by a process that had it open. */
  open: { args: { path: string; again: boolean }; result: undefined }
  /** The last piece of a group. */
  append: { args: Flat; result: Flat }
  /** Answers whether it appended one. */
  digest: { args: { author: DigestAuthor; snapshots: boolean }; result: boolean }
  readStream: { args: { stream: string; afterVersion: number; limit: number }; result: EventTexts }
  read: { args: RowQuery; result: PageTexts }
  readFacts: { args: RowQuery; result: PageTexts }
  head: { args: undefined; result: string }
  verify: { args: { anchors: readonly (string | undefined)[] }; result: VerifyReport[] }
  acquire: { args: { lease: string; owner: string; ttlMs: number }; result: Lease }
  release: { args: Fence; result: undefined }
  leases: { args: undefined; result: Lease[] }
  loadSnapshot: { args: { fold: string; format: number }; result: SnapshotRow | undefined }
  saveSnapshot: { args: { fold: string; format: number } & SnapshotRow; result: undefined }
  trim: { args: Omit<TrimOrder, 'covered'>; result: Trimmed }
  stats: { args: undefined; result: LogStats }
  close: { args: undefined; result: undefined }
}

export type JobName = keyof Jobs

/** Handlers of all jobs but appends, which come in pieces. */
export type Handlers = {
  [J in Exclude<JobName, 'append'>]: (args: Jobs[J]['args']) => Jobs[J]['result'] | Promise<Jobs[J]['result']>
}

export interface Request {
  readonly id: number
  readonly job: JobName
  readonly args: unknown
}

/** Appends that go ahead of the request that they belong to; see sqlite-appends.ts. */
export interface EarlyPiece {
  readonly piece: Flat
}

export type Message = Request | EarlyPiece

/** `failed` is a line for people. */
export type Answer =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failed: string }
