import type { Health, Topology, TopologyNode } from '../../api/contract'
import { escapeRegex } from '../../queries/selector'

export type Check = Health['checks'][number]
type Shard = Topology['shards'][number]

/** Failing checks that have one cause are one message. */
export interface Cause {
  /** The check that names the cause. */
  readonly check: Check
  /** The nodes that are the cause; empty where a check stands for itself. */
  readonly nodes: readonly {
    readonly node: TopologyNode
    readonly shard: Shard
    /** 1 for the first. */
    readonly number: number
  }[]
  /** Checks that fail because of it. */
  readonly follow: readonly Check[]
}

/** Checks that say that a node is gone, the plainest first. */
const SAY_GONE = ['nodes_reachable', 'no_node_failing']
/** Checks that a node which is gone makes fail. */
export const FOLLOW: ReadonlySet<string> = new Set([
  ...SAY_GONE,
  ...['slots_covered', 'views_agree', 'primaries_have_replicas', 'links_up', 'replicas_keep_up'],
])
/** Worth knowing, and no fault: the verdict does not rest on them. As the exporter's health service has it. */
export const ADVISORY: ReadonlySet<string> = new Set([
  'no_evictions',
  'no_migrations',
  'same_version',
  'same_configuration',
])

export const isAdvisory = ({ name }: Pick<Check, 'name'>) => ADVISORY.has(name)

/** `slots_covered` as `Slots covered`. */
export const checkName = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

/** Errors of a connection name the node already. */
export const withoutName = (error: string, instance: string) =>
  error.startsWith(`${instance}: `) ? error.slice(instance.length + 2) : error

/** It answers neither the exporter nor its peers. */
export const isGone = ({ error, flags }: TopologyNode) => error !== undefined || flags.includes('fail')

/**
 * The failing checks by their causes, faults before what is only worth knowing. A dead node fails up to six checks: what
 * these say of its shard follows from it; what they say of other shards does not.
 */
export function causesOf(checks: readonly Check[], shards: readonly Shard[] = []): readonly Cause[] {
  const failing = checks.filter(({ status }) => status === 'failing')
  const gone = shards.flatMap((shard, index) =>
    shard.nodes.filter(isGone).map((node) => ({ node, shard, number: index + 1 })),
  )
  const cause = SAY_GONE.map((name) => failing.find((check) => check.name === name)).find(Boolean)
  const alone = (check: Check): Cause => ({ check, nodes: [], follow: [] })
  if (!cause || gone.length === 0) return failing.map(alone).sort(faultsFirst)
  const hurt = new Set(gone.flatMap(({ shard }) => shard.nodes.map(({ instance }) => instance)))
  const others = shards.flatMap(({ nodes }) => nodes).filter(({ instance }) => !hurt.has(instance))
  const follows = (check: Check) =>
    check !== cause &&
    FOLLOW.has(check.name) &&
    !others.some(({ instance }) => names(check.evidence, instance))
  return [
    { check: cause, nodes: gone, follow: failing.filter(follows) },
    ...failing.filter((check) => check !== cause && !follows(check)).map(alone),
  ].sort(faultsFirst)
}

const faultsFirst = (a: Cause, b: Cause) => Number(isAdvisory(a.check)) - Number(isAdvisory(b.check))

/** Whether a text names a node: `a:70` stands neither in `a:700` nor in `aa:70`. */
export const names = (text: string, instance: string) =>
  new RegExp(`(?<![\\w.-])${escapeRegex(instance)}(?![\\w.:-])`).test(text)
