import type { NewEvent, StoredEvent } from '../contract/events.js'

/** Events for one stream. */
export interface StreamAppend {
  readonly stream: string
  /** The version that the stream must have now: 0 when it must be new; absent: whatever it has. */
  readonly expectedVersion?: number
  readonly events: readonly NewEvent[]
}

/** Which events come first. */
export type Order = 'oldest' | 'newest'

export interface ReadOptions {
  /** Position after which to read, in this order; absent or empty: from its beginning. */
  readonly after?: string
  /** `oldest` first unless given. */
  readonly order?: Order
  /** Exact stream, or a family when it ends in a slash (`cluster/`). */
  readonly stream?: string
  /** Full type (`io.slotwise.plan.ready`). */
  readonly type?: string
  /** Full type that is left out. */
  readonly without?: string
  /** At most this many; 1000 unless given. */
  readonly limit?: number
}

/** What an event says, without what names and proves it: what folds read. */
export type Fact = Pick<StoredEvent, 'type' | 'subject' | 'streamversion' | 'time' | 'data'>

export interface Page<E extends Fact = StoredEvent> {
  readonly events: readonly E[]
  /** Position to read on from: that of the last event seen, filtered out ones included. */
  readonly next: string
}

export interface VerifyReport {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  /** What does not fit, for people. */
  readonly problems: readonly string[]
  /** What nothing proves, although nothing speaks against it, for people. */
  readonly unproven: readonly string[]
  /** Hash of the newest digest event; empty when there is none. */
  readonly anchor: string
}

export interface LogStats {
  readonly bytes: number
  readonly events: number
  readonly lastDigest: string
}

/** Another append came first; nothing was appended. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict'
  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`stream ${stream} is at version ${actual}, not ${expected}`)
  }
}

/** The store cannot take events now (disk full, file gone, worker dead). */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable'

  /** @param unknown whether what was being appended may be there as a whole, or come to be; else nothing was appended */
  constructor(
    message: string,
    readonly unknown = false,
  ) {
    super(message)
  }
}

/** The server lost events that it had acknowledged (a promoted stale replica, a restored backup); nothing is appended. */
export class LogRegressed extends LogUnavailable {
  constructor(message: string) {
    super(`log-regressed: ${message}`)
  }
}

/** Who holds what, e.g. `operation/<id>` or `watch/<cluster>`. */
export interface Fence {
  readonly lease: string
  /** Grows with every new owner of the lease, for ever. */
  readonly token: number
}

export interface Lease extends Fence {
  /** The process that has it. */
  readonly owner: string
  /** Until it is free, by the clock of the store; 0 and less when it is free already. */
  readonly remainingMs: number
}

/** The lease has another owner by now; nothing was appended. Whoever gets this must stop. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
  constructor(
    readonly fence: Fence,
    readonly current: number,
  ) {
    super(`lease ${fence.lease}: token ${fence.token} is not valid any more, the newest is ${current}`)
  }
}

/** Events behind a reader's place were trimmed before it came to them: reading on would pass over them. */
export class PositionTrimmed extends Error {
  override readonly name = 'PositionTrimmed'
  /** @param through position of the last event that was removed: reading on behind it passes over what is gone */
  constructor(readonly through: string) {
    super(`events behind that position were trimmed, up to position ${through}`)
  }
}

/** State of a fold at a position of the log, so that a start need not read from the beginning. */
export interface Snapshot {
  /** Every event up to this position is in `state`. */
  readonly position: string
  /** JSON. */
  readonly state: unknown
}

export interface Trimmed {
  readonly events: number
  /** Position of the last event that was removed; undefined when none was. */
  readonly through: string | undefined
}

/** The append-only event log. Every store behaves the same; one conformance suite says how. */
export interface EventLog {
  /**
   * Appends to several streams, all or nothing, durable when it resolves.
   * @param fence the lease that the writer holds; its token is checked in the same transaction. An expired lease that
   *   nobody else took is still good here.
   * @throws VersionConflict | LeaseLost | LogUnavailable
   */
  append(appends: readonly StreamAppend[], fence?: Fence): Promise<StoredEvent[]>
  /** The events of one stream after a version, in order. Where some are gone, the first has not the next version. */
  readStream(stream: string, afterVersion?: number): Promise<StoredEvent[]>
  /** @throws PositionTrimmed where events behind `after` are gone, oldest first */
  read(options?: ReadOptions): Promise<Page>
  /** As `read`, with no more of each event than a fold needs; a store may have that sooner. */
  readFacts(options?: ReadOptions): Promise<Page<Fact>>
  /**
   * Events as they are appended, from `after` on, without gaps or doubles, until the signal is aborted.
   * @throws PositionTrimmed as `read` does, also when a reader is so slow that its place is trimmed meanwhile
   */
  follow(after: string, signal: AbortSignal): AsyncIterable<StoredEvent>
  /** The position of the newest event. */
  head(): Promise<string>
  /**
   * Appends a digest that stands for all heads, and for the snapshots of a log that was trimmed, unless nothing was
   * appended since the last.
   * @param snapshots also when nothing but snapshots is new
   */
  digest(snapshots?: boolean): Promise<void>
  /**
   * Checks every chain, and of a log that was trimmed the snapshots.
   * @param anchor hash of a digest event that the log must contain, with all that it lists
   */
  verify(anchor?: string): Promise<VerifyReport>
  /** As `verify` with each of these, read once for all. */
  verifyAll(anchors: readonly (string | undefined)[]): Promise<VerifyReport[]>
  stats(): Promise<LogStats>
  /**
   * Takes a lease that is free or expired, with a new token, or that this owner has, with the same token and a new
   * time to expire.
   * @returns the lease with this owner, or as another owner has it
   * @throws LogUnavailable
   */
  acquire(lease: string, owner: string, ttlMs: number): Promise<Lease>
  /** Frees a lease, if its token is still valid. The token is remembered for ever. @throws LogUnavailable */
  release(fence: Fence): Promise<void>
  /** Leases that were ever taken and not released. @throws LogUnavailable */
  leases(): Promise<Lease[]>
  /**
   * The newest snapshot of a fold; undefined where there is none of this format.
   * @param format raised by a fold when what it keeps changes its shape: older ones are then made anew
   */
  loadSnapshot(fold: string, format: number): Promise<Snapshot | undefined>
  /** Replaces the snapshot of a fold, unless one of this position or a newer one is there. @throws LogUnavailable */
  saveSnapshot(fold: string, format: number, snapshot: Snapshot): Promise<void>
  /**
   * Removes the events before `before` (RFC 3339), in the order of their positions, but none that the oldest snapshot
   * does not cover, and none at all when there is no snapshot. What is removed is said by a `log.trimmed` event with
   * the heads at that place, so that chains still verify and versions go on.
   * @throws LogUnavailable
   */
  trim(before: string): Promise<Trimmed>
  close(): Promise<void>
}
