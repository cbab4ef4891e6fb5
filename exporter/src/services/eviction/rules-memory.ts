/** Rules about limits and what memory goes to. */
import { numberIn, type Readout } from './readout.js'
import {
  evictsNothing,
  percent,
  policyOf,
  primariesOf,
  sayBytes,
  sayTime,
  shown,
  type Rule,
} from './facts.js'

const MIB = 1024 ** 2
const names = (readouts: readonly Readout[]) => readouts.map(({ node }) => node.instance)
const limitOf = ({ values }: Readout) => values.maxmemory ?? 0
const usedOf = (readout: Readout) =>
  (numberIn(readout, 'used_memory') ?? 0) - (numberIn(readout, 'mem_not_counted_for_evict') ?? 0)
const fill = (readout: Readout) => (limitOf(readout) > 0 ? usedOf(readout) / limitOf(readout) : 0)

const noLimit: Rule = {
  name: 'no-limit',
  look(facts) {
    const nodes = facts.readouts.filter(({ values }) => values.maxmemory === 0)
    if (nodes.length === 0) return undefined
    const used = Math.max(...nodes.map((node) => numberIn(node, 'used_memory') ?? 0))
    const machine = Math.min(...nodes.flatMap((node) => numberIn(node, 'total_system_memory') ?? []))
    return {
      severity: 'warning',
      what: 'maxmemory 0 is no limit',
      why: 'No policy acts without a limit. Memory grows until the machine has none left, and then the kernel ends the node.',
      evidence: [
        shown('nodes without a limit', `${nodes.length} of ${facts.readouts.length}`, 'CONFIG GET maxmemory'),
        shown('most memory used by one', sayBytes(used), 'INFO used_memory'),
        ...(Number.isFinite(machine)
          ? [shown('memory of its machine', sayBytes(machine), 'INFO total_system_memory')]
          : []),
      ],
      confidence: 'high',
      todo: 'Set maxmemory to what the machine can spare for each node: leave room for buffers, fragmentation and the copy that a save or a replica makes.',
      nodes: names(nodes),
    }
  },
}

const replicaSmaller: Rule = {
  name: 'replica-smaller',
  look(facts) {
    const small = facts.readouts.filter((replica) => {
      const primary = facts.readouts.find(({ node }) => node.id === replica.node.primaryId)
      if (!primary || limitOf(replica) === 0) return false
      return limitOf(primary) === 0 || limitOf(replica) < limitOf(primary)
    })
    const [first] = small
    if (!first) return undefined
    const primary = facts.readouts.find(({ node }) => node.id === first.node.primaryId)!
    // A plan sets all nodes: the largest, or it would take from another shard what it has.
    const limits = facts.readouts.map(limitOf)
    const alone = small.some(({ values }) => values.replicaIgnoreMaxmemory === false)
    return {
      severity: 'warning',
      what: 'A replica has a lower maxmemory than its primary',
      why: alone
        ? 'With replica-ignore-maxmemory no it evicts by itself what its primary keeps; after a failover the shard holds less.'
        : 'After a failover the shard holds less: it evicts at once, or refuses writes.',
      evidence: [
        shown(first.node.instance, sayBytes(limitOf(first)), 'CONFIG GET maxmemory'),
        shown(
          `its primary ${primary.node.instance}`,
          limitOf(primary) === 0 ? 'no limit' : sayBytes(limitOf(primary)),
          'CONFIG GET maxmemory',
        ),
      ],
      confidence: 'high',
      todo: 'Set the same maxmemory on every node.',
      ...(limits.every((limit) => limit > 0) && { spec: { maxmemory: Math.max(...limits) } }),
      nodes: names(small),
    }
  },
}

const shardSkew: Rule = {
  name: 'shard-skew',
  look(facts) {
    const limited = primariesOf(facts).filter((readout) => limitOf(readout) > 0)
    const sorted = limited.sort((a, b) => fill(b) - fill(a))
    const [fullest, emptiest] = [sorted[0], sorted.at(-1)]
    if (!fullest || !emptiest || fill(fullest) < 0.9 || fill(emptiest) > 0.6) return undefined
    return {
      severity: 'warning',
      what: 'One shard is full while another has room',
      why: 'Eviction is a matter of each node: the full one evicts, or refuses writes, however empty the others are.',
      evidence: [fullest, emptiest].map((readout) =>
        shown(
          readout.node.instance,
          `${percent(fill(readout))} of maxmemory`,
          'INFO used_memory, less what does not count',
        ),
      ),
      confidence: 'high',
      todo: 'Move slots from the full shard, or look for a large key or hash tag that keeps them together there.',
      nodes: [fullest.node.instance],
    }
  },
}

/** Full within a day is soon. */
const SOON_SECONDS = 86_400
/** Growth over less is as likely a buffer or a start. */
const LEAST_SECONDS = 600
const nearlyFull: Rule = {
  name: 'growing-full',
  look(facts) {
    const { secondsToFull, growthBytesPerSecond = 0, spanSeconds = 0 } = facts.pressure
    if (secondsToFull === undefined || secondsToFull > SOON_SECONDS || secondsToFull === 0) return undefined
    if (spanSeconds < LEAST_SECONDS) return undefined
    const refuses = evictsNothing(facts)
    return {
      severity: refuses ? 'warning' : 'information',
      what: `A shard will be full in about ${sayTime(secondsToFull)}`,
      why: refuses
        ? `Then it refuses writes: under ${policyOf(facts)} there is nothing to evict.`
        : 'Then it begins to evict.',
      evidence: [
        shown(
          'growth',
          `${sayBytes(Math.max(0, growthBytesPerSecond))}/s`,
          `INFO used_memory over ${sayTime(spanSeconds)}`,
        ),
      ],
      confidence: spanSeconds >= 1800 ? 'medium' : 'low',
      todo: refuses
        ? 'Raise maxmemory, add shards, or choose a policy that evicts.'
        : 'Nothing, if this is a cache.',
    }
  },
}

const fallsBehind: Rule = {
  name: 'eviction-falls-behind',
  look(facts) {
    const behind = primariesOf(facts).filter(
      (readout) =>
        // Without a limit some versions count on from when there was one.
        limitOf(readout) > 0 &&
        (numberIn(readout, 'used_memory') ?? 0) > limitOf(readout) &&
        (numberIn(readout, 'current_eviction_exceeded_time') ?? 0) > 0,
    )
    const tenacity = facts.effective.tenacity
    if (behind.length === 0) return undefined
    const longest = Math.max(...behind.map((readout) => numberIn(readout, 'current_eviction_exceeded_time')!))
    return {
      severity: 'warning',
      what: 'Memory is above the limit, and eviction does not catch up',
      why: 'More is written than eviction may free in the time that it has; writes may be refused.',
      evidence: [
        shown('above the limit for', sayTime(longest / 1000), 'INFO current_eviction_exceeded_time'),
        ...(tenacity === undefined
          ? []
          : [shown('tenacity', tenacity, 'CONFIG GET maxmemory-eviction-tenacity')]),
      ],
      confidence: 'medium',
      todo: 'Raise the tenacity (commands wait longer), and free large values aside; slow down what writes.',
      ...(tenacity !== undefined && tenacity < 50 && { spec: { tenacity: 50, lazyfreeEviction: true } }),
      nodes: names(behind),
    }
  },
}

const notCounted: Rule = {
  name: 'buffers-not-counted',
  look(facts) {
    const heavy = facts.readouts.filter(
      (readout) =>
        limitOf(readout) > 0 &&
        (numberIn(readout, 'mem_not_counted_for_evict') ?? 0) > limitOf(readout) * 0.1,
    )
    const [first] = heavy
    if (!first) return undefined
    return {
      severity: 'suggestion',
      what: 'Buffers that maxmemory does not count take much memory',
      why: 'Replication and AOF buffers come on top of maxmemory; the machine has to hold both.',
      evidence: [
        shown(
          first.node.instance,
          `${sayBytes(numberIn(first, 'mem_not_counted_for_evict')!)} on top of ${sayBytes(limitOf(first))}`,
          'INFO mem_not_counted_for_evict',
        ),
      ],
      confidence: 'high',
      todo: 'See which replica or client is slow (client-output-buffer-limit), and leave room on the machine.',
      nodes: names(heavy),
    }
  },
}

const fragmentation: Rule = {
  name: 'fragmentation',
  look(facts) {
    const bad = facts.readouts.filter((readout) => {
      const bytes = numberIn(readout, 'mem_fragmentation_bytes') ?? 0
      return (
        (numberIn(readout, 'mem_fragmentation_ratio') ?? 1) > 1.5 &&
        bytes > Math.max(100 * MIB, (numberIn(readout, 'used_memory') ?? 0) * 0.2)
      )
    })
    const [first] = bad
    if (!first) return undefined
    return {
      severity: 'suggestion',
      what: 'Much memory is lost to fragmentation',
      why: 'The process takes far more memory than its data; eviction looks at the data only, so the machine may run out first.',
      evidence: [
        shown(
          `ratio on ${first.node.instance}`,
          numberIn(first, 'mem_fragmentation_ratio')!,
          'INFO mem_fragmentation_ratio',
        ),
        shown(
          'that is',
          sayBytes(numberIn(first, 'mem_fragmentation_bytes')!),
          'INFO mem_fragmentation_bytes',
        ),
      ],
      confidence: 'medium',
      todo: 'Switch on activedefrag where the build has it, or MEMORY PURGE; a failover and restart frees it, too.',
      nodes: names(bad),
    }
  },
}

const clientMemory: Rule = {
  name: 'client-memory',
  look(facts) {
    const heavy = facts.readouts.filter(
      (readout) =>
        limitOf(readout) > 0 && (numberIn(readout, 'mem_clients_normal') ?? 0) > limitOf(readout) * 0.1,
    )
    const [first] = heavy
    if (!first || facts.effective.maxmemoryClients !== 0) return undefined
    return {
      severity: 'suggestion',
      what: 'Buffers of clients take memory from the keys',
      why: 'They count towards maxmemory, so keys are evicted for them, and nothing limits them.',
      evidence: [
        shown(
          first.node.instance,
          `${sayBytes(numberIn(first, 'mem_clients_normal')!)} of ${sayBytes(limitOf(first))}`,
          'INFO mem_clients_normal',
        ),
      ],
      confidence: 'medium',
      todo: 'Set maxmemory-clients: the clients with the largest buffers are disconnected above it.',
      spec: { maxmemoryClients: '10%' },
      nodes: names(heavy),
    }
  },
}

export const memoryRules: readonly Rule[] = [
  noLimit,
  replicaSmaller,
  shardSkew,
  nearlyFull,
  fallsBehind,
  notCounted,
  fragmentation,
  clientMemory,
]
