import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { Change, Problem } from '../../../contract/operations.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { hashOf } from '../../hash.js'
import type { PlanOutcome } from '../../kind.js'
import type { NodeAnswer, NodeSettings } from './nodes.js'
import { PARAMETERS, wanted } from './parameters.js'

/** A node and what came of reading it. */
export interface NodeReadout {
  readonly node: ClusterNode
  readonly answer: NodeAnswer
  /** With `persist`: what CONFIG REWRITE would write. */
  readonly running?: Readonly<Record<string, string>>
}

/** Makes the plan of what was read. Pure. */
export function planChanges(spec: EvictionPolicySpec, readouts: readonly NodeReadout[]): PlanOutcome {
  const settings = readouts.flatMap(({ answer }) => (answer.outcome === 'ok' ? [answer.settings] : []))
  const problems = [...readouts.flatMap(unreadable), ...settings.flatMap((node) => objections(spec, node))]
  if (readouts.length === 0)
    problems.push({
      reason: 'no node of the cluster is known',
      todo: 'see why discovery reads none (slotwise check)',
    })
  if (problems.length > 0) return { problems }

  const changes = settings.flatMap((node) => changesOf(spec, node))
  if (changes.length === 0 && !spec.persist) {
    return { problems: [{ reason: 'every node has these values already', todo: 'nothing to do' }] }
  }
  const warnings = [...new Set(settings.flatMap((node) => warningsOf(spec, node)))]
  const body = {
    changes,
    counts: {
      nodes: new Set(changes.map(({ node }) => node)).size,
      changes: changes.length,
    },
    warnings,
    sample: [],
    fingerprint: fingerprintOf(settings, spec.persist ? readouts : []),
    estimateSeconds: 1,
    details: {
      usedMemoryBytes: Object.fromEntries(
        settings.map(({ node, usedMemoryBytes }) => [node.instance, usedMemoryBytes]),
      ),
      ...(spec.persist && {
        rewrites: Object.fromEntries(readouts.map(({ node, running }) => [node.instance, running ?? {}])),
      }),
    },
  }
  return { body }
}

/** Just what the plan relies on: which nodes there are and what they have; with persist, all that a REWRITE writes. */
function fingerprintOf(settings: readonly NodeSettings[], rewritten: readonly NodeReadout[]): string {
  const running = new Map(rewritten.map(({ node, running }) => [node.id, running]))
  const relied = settings.map(({ node, values }) => {
    const { id, address, role } = node
    return { id, address, role, values, running: running.get(id) }
  })
  return hashOf(relied.sort((a, b) => (a.id < b.id ? -1 : 1)))
}

function changesOf(spec: EvictionPolicySpec, { node, values }: NodeSettings): Change[] {
  const to = wanted(spec)
  return PARAMETERS.flatMap((parameter) => {
    const value = to[parameter]
    if (value === undefined || value === values[parameter]) return []
    return {
      node: node.instance,
      shard: node.shard,
      role: node.role,
      parameter,
      from: values[parameter],
      to: value,
    }
  })
}

function unreadable({ node, answer }: NodeReadout): Problem[] {
  if (answer.outcome === 'ok') return []
  if (answer.outcome === 'unsupported') {
    return [
      {
        node: node.instance,
        reason: `unsupported: ${answer.error}`,
        todo: "permit CONFIG GET and CONFIG SET to the user; on a managed service use the provider's parameter group",
      },
    ]
  }
  return [
    {
      node: node.instance,
      reason: answer.error,
      todo: 'every node must answer, or a failover would bring back the old policy; bring it back or forget it',
    },
  ]
}

function objections(
  spec: EvictionPolicySpec,
  { node, usedMemoryBytes, configFile, engine, version }: NodeSettings,
): Problem[] {
  const problems: Problem[] = []
  const { maxmemory, policy } = spec
  if (maxmemory !== undefined && maxmemory > 0 && maxmemory < usedMemoryBytes && !spec.allowEviction) {
    problems.push({
      node: node.instance,
      reason: `maxmemory ${maxmemory} is below the ${usedMemoryBytes} bytes in use: it would evict at once, or refuse writes`,
      todo: 'choose a higher maxmemory, or set allowEviction',
    })
  }
  if (policy?.endsWith('-lrm') && (engine === 'valkey' || !atLeast(version, 8, 6))) {
    problems.push({
      node: node.instance,
      reason: `${policy} needs Redis 8.6; this is ${engine} ${version}`,
      todo: 'choose another policy',
    })
  }
  if (spec.persist && configFile === '') {
    problems.push({
      node: node.instance,
      reason: 'it was started without a configuration file, so CONFIG REWRITE has none to write',
      todo: 'leave persist out and set the value where the node is started',
    })
  }
  return problems
}

function warningsOf(spec: EvictionPolicySpec, { node, usedMemoryBytes, values }: NodeSettings): string[] {
  const warnings: string[] = []
  const maxmemory = spec.maxmemory ?? Number(values.maxmemory)
  const policy = spec.policy ?? values['maxmemory-policy']
  if (maxmemory > 0 && maxmemory < usedMemoryBytes) {
    warnings.push(
      policy === 'noeviction'
        ? `${node.instance}: ${usedMemoryBytes - maxmemory} bytes above maxmemory with noeviction: writes are refused`
        : `${node.instance}: about ${usedMemoryBytes - maxmemory} bytes are evicted at once`,
    )
  }
  if (maxmemory === 0 && policy !== 'noeviction')
    warnings.push('maxmemory 0 is no limit: the policy never acts')
  if (policy.startsWith('volatile-'))
    warnings.push(`${policy} evicts only keys that have a time to live; without any it is noeviction`)
  if (spec.policy !== undefined && isLfu(spec.policy) !== isLfu(values['maxmemory-policy'])) {
    warnings.push('between LRU and LFU what is known of each key is lost; it takes some time to settle')
  }
  if (spec.persist)
    warnings.push(
      'CONFIG REWRITE writes the whole running configuration, other changes at run time included: see details.rewrites',
    )
  else warnings.push('not persisted: a restart brings the old values back')
  return warnings
}

function isLfu(policy: string): boolean {
  return policy.endsWith('-lfu')
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [x = 0, y = 0] = version.split('.').map(Number)
  return x > major || (x === major && y >= minor)
}
