/** Figures of what a node holds, and of who else has it. */
import * as query from '../../queries/nodes'
import { bytes, count, duration, percent } from '../operations/text'
import { byteRate, few, MIB, rate, seconds, yes, type Part } from './fact'

export const memory = {
  title: 'Memory and eviction',
  facts: {
    memoryUsed: {
      label: 'Memory in use',
      about: 'Bytes that the data and its overhead take.',
      query: query.memoryUsed,
      say: bytes,
      chart: 'bytes',
      least: 16 * MIB,
    },
    memoryLimit: {
      label: 'Limit (maxmemory)',
      about: 'At the limit a node evicts keys or refuses writes.',
      query: query.memoryLimit,
      say: (value) => (value === 0 ? 'no limit' : bytes(value)),
    },
    memoryShare: {
      label: 'Full',
      about: 'Memory in use of maxmemory.',
      query: query.memoryShare,
      say: percent,
      chart: 'percentunit',
      wrong: [(value) => value > 0.95, 'It is full or nearly so'],
    },
    memoryResident: {
      label: 'Resident memory',
      about: 'What the operating system counts; more than is in use is fragmentation.',
      query: query.memoryResident,
      say: bytes,
    },
    fragmentation: {
      label: 'Fragmentation ratio',
      about: 'Resident memory over memory in use. High on a nearly empty node means nothing.',
      query: query.fragmentation,
      say: few,
    },
    clientBuffers: {
      label: 'Buffers of clients',
      about: 'Slow readers make it grow, and it counts towards maxmemory.',
      query: query.clientBuffers,
      say: bytes,
      least: 8 * MIB,
    },
    keys: {
      label: 'Keys',
      about: 'Keys in all databases.',
      query: query.keys,
      say: count,
      chart: 'short',
      least: 1000,
    },
    keysWithTtl: {
      label: 'Keys with a TTL',
      about: 'Only these can be evicted under a volatile policy.',
      query: query.keysWithTtl,
      say: count,
    },
    evicted: {
      label: 'Keys evicted',
      about: 'Thrown away for want of memory. Fine for a cache, else not.',
      query: query.evicted,
      say: rate,
      chart: 'cps',
      least: 1,
    },
    expired: {
      label: 'Keys expired',
      about: 'Keys whose time had come.',
      query: query.expired,
      say: rate,
    },
  },
} as const satisfies Part

export const replication = {
  title: 'Replication',
  facts: {
    linkUp: {
      label: 'Linked to its primary',
      about: 'Of replicas. Without the link it gets no writes.',
      query: query.linkUp,
      say: yes,
      wrong: [(value) => value === 0, 'Its link to its primary is down'],
    },
    lagSeconds: {
      label: 'Behind its primary',
      about: 'The age of the newest write that a replica has.',
      query: query.lagSeconds,
      say: seconds,
      chart: 's',
      wrong: [(value) => value > 10, 'It is far behind its primary'],
    },
    lagBytes: {
      label: 'Bytes behind',
      about: 'Of the replication stream.',
      query: query.lagBytes,
      say: bytes,
      chart: 'bytes',
    },
    replicas: {
      label: 'Replicas linked',
      about: 'Of primaries. Without one its failure loses data.',
      query: query.replicas,
      say: count,
    },
    replicationOut: {
      label: 'Sent to replicas',
      about: 'Bytes of the replication stream.',
      query: query.replicationOut,
      say: byteRate,
      chart: 'Bps',
      least: MIB,
    },
    backlog: {
      label: 'Backlog',
      about: 'What a replica may have missed and still get without a whole copy.',
      query: query.backlog,
      say: bytes,
    },
    fullResyncs: {
      label: 'Whole copies asked for',
      about: 'Each makes the primary fork and send all its data.',
      query: query.fullResyncs,
      say: rate,
      wrong: [(value) => value > 0, 'A replica asked it for a whole copy of the data lately'],
    },
  },
} as const satisfies Part

export const persistence = {
  title: 'Persistence',
  facts: {
    snapshotAge: {
      label: 'Last snapshot',
      about: 'How old the newest RDB file is, or the start where there was none since.',
      query: query.snapshotAge,
      say: (value) => `${duration(value)} ago`,
      chart: 's',
    },
    snapshotOk: {
      label: 'Last snapshot succeeded',
      about: 'After a failure writes may be refused (stop-writes-on-bgsave-error).',
      query: query.snapshotOk,
      say: yes,
      wrong: [(value) => value === 0, 'Its last snapshot failed'],
    },
    unsavedChanges: {
      label: 'Changes since',
      about: 'What a crash would lose, where neither the AOF nor a replica has it.',
      query: query.unsavedChanges,
      say: count,
      chart: 'short',
    },
    aofOn: {
      label: 'AOF',
      about: 'Append only file.',
      query: query.aofOn,
      say: (on) => (on === 1 ? 'on' : 'off'),
    },
    aofOk: {
      label: 'Last write to the AOF succeeded',
      about: 'A full or slow disk shows here.',
      query: query.aofOk,
      say: yes,
      wrong: [(value) => value === 0, 'Its last write to the AOF failed'],
    },
    aofSize: {
      label: 'Size of the AOF',
      about: 'Nothing while it is off.',
      query: query.aofSize,
      say: bytes,
    },
    forkSeconds: {
      label: 'Last fork',
      about: 'It holds up every command for so long.',
      query: query.forkSeconds,
      say: seconds,
      chart: 's',
      least: 0.1,
    },
    loading: {
      label: 'Loads its data',
      about: 'Until it is done it answers nothing.',
      query: query.loading,
      say: yes,
      wrong: [(value) => value === 1, 'It loads its data and answers nothing meanwhile'],
    },
  },
} as const satisfies Part
