import type { Eviction, Sample } from '../../contract/eviction.js'
import type { EventLog } from '../../events/log.js'
import type { Operations } from '../../operations/operations.js'
import type { Cluster } from '../../redis/cluster.js'
import type { NodeReading } from '../../redis/replies.js'
import type { Alerting } from '../../services/alerting/alerting.js'
import type { Check } from '../../services/health/checks.js'
import type { GrafanaIds } from './grafana-id.js'
import type { TokenStore } from './tokens.js'

/** A cluster as far as the API looks at it. */
export type WatchedCluster = Pick<Cluster, 'name' | 'reading' | 'errors'>

/** A file that a warmup may read. */
export interface WarmupFile {
  /** Below `warmup.dir`. */
  readonly path: string
  readonly bytes: number
  /** ISO 8601 */
  readonly modifiedAt: string
}

/** A check and, where it is known, since when it says so (ISO 8601). */
export type JudgedCheck = Check & { readonly since?: string }

export interface Limits {
  /** Requests of a token (without tokens: of a source; of a delegated one: of each user) a minute, but for `stops`. */
  readonly requests: number
  /** Those of them that wrote; what was refused does not count. */
  readonly writes: number
  /** Requests that pause, cancel or freeze. */
  readonly stops: number
  /** Requests that verify the log. */
  readonly verifies: number
  /** Answers of 401 to a source a minute; beyond it 429. A good token from there still works. */
  readonly failures: number
  /** Event streams of a token (of a delegated one: of each user), and altogether. */
  readonly streams: number
  readonly allStreams: number
}

export const STANDARD_LIMITS: Limits = {
  requests: 1200,
  writes: 120,
  stops: 600,
  verifies: 6,
  failures: 30,
  streams: 20,
  allStreams: 200,
}

export interface ControlOptions {
  readonly clusters: readonly WatchedCluster[]
  /** The last reading of each node, by instance. */
  readonly readings: (cluster: string) => ReadonlyMap<string, NodeReading | undefined>
  /** The checks as they stand; empty before the first reading. */
  readonly health: (cluster: string) => readonly JudgedCheck[]
  readonly eviction: {
    /** Asks every node now. */
    readonly look: (cluster: string) => Promise<Eviction>
    /** Begins to look at a sample of the keys. */
    readonly sample: (cluster: string) => Sample
  }
  /** Names of the configured sources of a warmup. */
  readonly sources: readonly string[]
  /** What a warmup may read below `warmup.dir`; empty where there is none. */
  readonly listFiles: () => Promise<readonly WarmupFile[]>
  readonly log: EventLog
  /** Folds whose snapshots belong into a backup of the log. */
  readonly folds: readonly { readonly name: string; readonly format: number }[]
  readonly operations: Operations
  readonly alerts: Pick<Alerting, 'record' | 'firing'>
  /** Undefined: everybody reads, nobody writes. */
  readonly tokens: TokenStore | undefined
  /** Checks the identity that Grafana forwards; absent: nobody looks at it. */
  readonly grafana?: GrafanaIds | undefined
  /** Names the stream of refused requests: `access/<processId>`. */
  readonly processId: string
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly limits?: Partial<Limits>
  /** How often a quiet event stream shows that it lives; 15,000 unless given. */
  readonly heartbeatMs?: number
  readonly onWarning: (message: string) => void
  /** Something failed that should not; `what` names the request. */
  readonly onError: (error: unknown, what: string) => void
}
