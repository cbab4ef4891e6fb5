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
  /** Position after which to read, in this order; absent: from its beginning. */
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

export interface Page {
  readonly events: readonly StoredEvent[]
  /** Position to read on from: that of the last event seen, filtered out ones included. */
  readonly next: string
}

export interface VerifyReport {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  /** What does not fit, for people. */
  readonly problems: readonly string[]
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

/** The store cannot take events now (disk full, file gone, worker dead); nothing was appended. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable'
}

/** The append-only event log. Every store behaves the same; one conformance suite says how. */
export interface EventLog {
  /**
   * Appends to several streams, all or nothing, durable when it resolves.
   * @throws VersionConflict | LogUnavailable
   */
  append(appends: readonly StreamAppend[]): Promise<StoredEvent[]>
  /** The events of one stream after a version, in order. */
  readStream(stream: string, afterVersion?: number): Promise<StoredEvent[]>
  read(options?: ReadOptions): Promise<Page>
  /** Events as they are appended, from `after` on, without gaps or doubles, until the signal is aborted. */
  follow(after: string, signal: AbortSignal): AsyncIterable<StoredEvent>
  /** The position of the newest event. */
  head(): Promise<string>
  /** Appends a digest of all heads, unless nothing was appended since the last. */
  digest(): Promise<void>
  /**
   * Checks every chain.
   * @param anchor hash of a digest event that the log must contain, with all that it lists
   */
  verify(anchor?: string): Promise<VerifyReport>
  stats(): Promise<LogStats>
  close(): Promise<void>
}
