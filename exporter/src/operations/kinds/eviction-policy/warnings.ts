import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import { count } from '../../figures.js'
import { consequence, smallReplicas } from './checks.js'
import { afterwards, excessBytes } from './forecast.js'
import type { NodeSettings } from './settings.js'

/** What is worth knowing before the run. Each line once. */
export function warningsOf(spec: EvictionPolicySpec, all: readonly NodeSettings[]): string[] {
  const lines = [
    ...all
      .filter((settings) => excessBytes(spec, settings) > 0)
      .map((settings) => `${settings.node.instance}: ${consequence(spec, settings)}`),
    ...all
      .filter((settings) => hasNoLimit(spec, settings))
      .map(() => 'maxmemory 0 is no limit: no policy acts, and memory grows until the machine has none left'),
    ...volatileWithoutTtls(spec, all),
    ...smallReplicas(spec, all).map(
      ({ replica, limit, primaryLimit }) =>
        `${replica.node.instance}: maxmemory ${count(limit)} is below that of its primary (${primaryLimit === 0 ? 'no limit' : count(primaryLimit)}): after a failover the shard holds less`,
    ),
    ...(isHardlyMeant(spec.maxmemoryClients)
      ? [
          `maxmemoryClients ${count(spec.maxmemoryClients)} is a limit in bytes, below 1 MiB: clients are closed at once; a share of maxmemory is written as 5%`,
        ]
      : []),
    ...settling(spec, all),
    spec.persist
      ? 'CONFIG REWRITE writes the whole running configuration, other changes at run time included: see details.rewrites'
      : 'not persisted: a restart brings the old values back',
  ]
  return [...new Set(lines)]
}

const LEAST_CLIENT_BYTES = 1024 ** 2

/** A few bytes for all clients: rather a share was meant. */
function isHardlyMeant(limit: EvictionPolicySpec['maxmemoryClients']): limit is number {
  return typeof limit === 'number' && limit > 0 && limit < LEAST_CLIENT_BYTES
}

/** A store without a limit is what somebody wanted, unless this plan takes its limit away. */
function hasNoLimit(spec: EvictionPolicySpec, settings: NodeSettings): boolean {
  const { maxmemory, 'maxmemory-policy': policy } = afterwards(spec, settings)
  return Number(maxmemory ?? 0) === 0 && (policy !== 'noeviction' || spec.maxmemory === 0)
}

/** Of what a volatile policy may evict, how much there is. Told for the cluster: its primaries hold every key once. */
function volatileWithoutTtls(spec: EvictionPolicySpec, all: readonly NodeSettings[]): string[] {
  const volatile = all.filter((settings) => policyOf(spec, settings).startsWith('volatile-'))
  if (volatile.length === 0) return []
  const policy = policyOf(spec, volatile[0]!)
  const primaries = all.filter(({ node }) => node.role === 'primary')
  const [keys, expires] = [sum(primaries, ({ keys }) => keys), sum(primaries, ({ expires }) => expires)]
  const said = `${policy} evicts only keys that have a time to live; without any it is noeviction`
  if (keys === 0) return [said]
  const without = primaries
    .filter(({ keys, expires }) => keys > 0 && expires === 0)
    .map(({ node }) => node.instance)
  const share = `${count(expires)} of ${count(keys)} keys have one`
  return [`${said}: ${share}${without.length > 0 ? `, none on ${without.join(', ')}` : ''}`]
}

/** A policy of another family reads the same bits of a key in another way. */
function settling(spec: EvictionPolicySpec, all: readonly NodeSettings[]): string[] {
  const switching = all.filter(
    ({ values }) => spec.policy !== undefined && isLfu(spec.policy) !== isLfu(values['maxmemory-policy']),
  )
  if (switching.length === 0) return []
  const primaries = switching.filter(({ node }) => node.role === 'primary')
  const seconds = Math.max(
    0,
    ...primaries.map(({ keys, commandsPerSecond }) => (commandsPerSecond > 0 ? keys / commandsPerSecond : 0)),
  )
  const atLeast =
    seconds >= 1
      ? `: at the present rate, ${sayTime(seconds)} or more until as many commands have come as there are keys`
      : ''
  return [
    `between LRU and LFU what is known of each key is lost; until a key is used again its age is random, so it takes some time to settle${atLeast}`,
  ]
}

/** Parameters that every node has for itself, or that say who it is. */
const OF_THE_NODE =
  /^(port|tls-port|bind|bind-source-addr|dir|dbfilename|appendfilename|appenddirname|logfile|pidfile|unixsocket|replicaof|slaveof|cluster-(announce-.*|config-file|port)|(replica|slave)-announce-.*|(server|bio|aof-rewrite|bgsave)[-_]cpulist|syslog-ident|locale-collate|availability-zone|(replica|slave)-priority)$/

/**
 * With persist: what somebody changed on some nodes only, and REWRITE makes permanent there.
 * @param running of each node
 * @param own parameters that the plan itself sets
 */
export function differencesIn(
  running: ReadonlyMap<string, Readonly<Record<string, string>>>,
  own: ReadonlySet<string>,
): string[] {
  const names = new Set([...running.values()].flatMap((settings) => Object.keys(settings)))
  return [...names].sort().flatMap((name) => {
    if (own.has(name) || OF_THE_NODE.test(name)) return []
    const byValue = new Map<string, string[]>()
    for (const [node, settings] of running) {
      const value = settings[name]
      if (value !== undefined) byValue.set(value, [...(byValue.get(value) ?? []), node])
    }
    if (byValue.size < 2) return []
    const [, ...odd] = [...byValue].sort(([, a], [, b]) => b.length - a.length)
    const where = odd.map(([value, nodes]) => `${value === '' ? '""' : value} on ${nodes.join(', ')}`)
    return [`CONFIG REWRITE makes permanent what the nodes do not share: ${name} ${where.join('; ')}`]
  })
}

function policyOf(spec: EvictionPolicySpec, settings: NodeSettings): string {
  return afterwards(spec, settings)['maxmemory-policy'] ?? ''
}

function isLfu(policy = ''): boolean {
  return policy.endsWith('-lfu')
}

function sum(all: readonly NodeSettings[], of: (settings: NodeSettings) => number): number {
  return all.reduce((total, settings) => total + of(settings), 0)
}

function sayTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}
