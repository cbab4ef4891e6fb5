import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { Change, Problem } from '../../../contract/operations.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { hashOf } from '../../hash.js'
import type { PlanOutcome } from '../../kind.js'
import { blockersOf, objections } from './checks.js'
import { evictsAtOnce } from './forecast.js'
import type { NodeAnswer } from './nodes.js'
import { NAMES, wanted, type Parameter } from './parameters.js'
import type { NodeSettings } from './settings.js'
import { differencesIn, warningsOf } from './warnings.js'

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
  const blockers = blockersOf(spec, settings)
  const running = new Map(readouts.map(({ node, running }) => [node.instance, running ?? {}]))
  const foreign = spec.persist ? differencesIn(running, new Set(Object.keys(wanted(spec)))) : []
  const body = {
    changes,
    counts: {
      nodes: new Set(changes.map(({ node }) => node)).size,
      changes: changes.length,
    },
    warnings: [...warningsOf(spec, settings), ...foreign],
    ...(blockers.length > 0 && { blockers }),
    sample: [],
    fingerprint: fingerprintOf(spec, settings, spec.persist ? readouts : []),
    estimateSeconds: 1,
    details: {
      usedMemoryBytes: Object.fromEntries(settings.map((node) => [node.node.instance, node.usedMemoryBytes])),
      replicasFirst: settings.some((node) => evictsAtOnce(spec, node)),
      ...(spec.persist && { rewrites: Object.fromEntries(running) }),
    },
  }
  return { body }
}

/** What the verdict of a plan depends on besides what it changes. */
const RELIED_ON: readonly Parameter[] = ['maxmemory', 'maxmemory-policy', 'replica-ignore-maxmemory']

/** Just what the plan relies on: which nodes there are and what they have; with persist, all that a REWRITE writes. */
function fingerprintOf(
  spec: EvictionPolicySpec,
  settings: readonly NodeSettings[],
  rewritten: readonly NodeReadout[],
): string {
  const running = new Map(rewritten.map(({ node, running }) => [node.id, running]))
  const names = [...new Set([...Object.keys(wanted(spec)), ...RELIED_ON])].sort() as Parameter[]
  const relied = settings.map(({ node, values }) => {
    const { id, address, role } = node
    return { id, address, role, values: names.map((name) => values[name] ?? null), running: running.get(id) }
  })
  return hashOf(relied.sort((a, b) => (a.id < b.id ? -1 : 1)))
}

function changesOf(spec: EvictionPolicySpec, { node, values }: NodeSettings): Change[] {
  const to = wanted(spec)
  return NAMES.flatMap((parameter) => {
    const value = to[parameter]
    if (value === undefined || value === values[parameter]) return []
    return {
      node: node.instance,
      shard: node.shard,
      role: node.role,
      parameter,
      from: values[parameter]!,
      to: value,
    }
  })
}

function unreadable({ node, answer }: NodeReadout): Problem[] {
  if (answer.outcome === 'ok') return []
  if (answer.outcome === 'unsupported')
    return [{ node: node.instance, reason: `unsupported: ${answer.error}`, todo: answer.todo }]
  return [
    {
      node: node.instance,
      reason: answer.error,
      todo: 'every node must answer, or a failover would bring back the old policy; bring it back or forget it',
    },
  ]
}
