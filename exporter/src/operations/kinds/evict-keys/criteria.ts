import type { EvictKeysSpec } from '../../../contract/kinds/evict-keys.js'
import type { Problem } from '../../../contract/operations.js'
import { atLeast } from '../../nodes/engine-version.js'
import type { NodeFacts } from '../../nodes/node-facts.js'
import { globMatches } from '../../keys/glob.js'

/** What a key has to meet, as the script takes it. */
export type Criteria = Pick<
  EvictKeysSpec,
  'match' | 'idleOver' | 'freqUnder' | 'ttlUnder' | 'noTtl' | 'sizeOver'
> & {
  /** None: any. */
  readonly types: readonly string[]
  /** Of the token: only keys that start with one of these; none: any. */
  readonly prefixes: readonly string[]
}

/** A key that was looked at. */
export interface Looked {
  readonly key: Buffer
  readonly type: string
  /** Negative: it never expires. */
  readonly ttlMs: number
  readonly bytes: number
  /** Seconds of idleness or the frequency; -1 where it was not asked. */
  readonly use: number
}

export function criteriaOf(spec: EvictKeysSpec, keyPrefixes: readonly string[] = []): Criteria {
  const { match, types = [], idleOver, freqUnder, ttlUnder, noTtl, sizeOver } = spec
  return { match, types, idleOver, freqUnder, ttlUnder, noTtl, sizeOver, prefixes: keyPrefixes }
}

/** Whether a key's name alone lets it be chosen. */
export function nameMatches({ match, prefixes }: Pick<Criteria, 'match' | 'prefixes'>, key: Buffer): boolean {
  const allowed = prefixes.map((prefix) => Buffer.from(prefix))
  const within =
    allowed.length === 0 || allowed.some((prefix) => key.subarray(0, prefix.length).equals(prefix))
  return within && globMatches(Buffer.from(match), key)
}

/** The script's decision, for keys that were drawn. */
export function matches(criteria: Criteria, { key, type, ttlMs, bytes, use }: Looked): boolean {
  const { types, idleOver, freqUnder, ttlUnder, noTtl, sizeOver } = criteria
  return (
    nameMatches(criteria, key) &&
    (types.length === 0 || types.includes(type)) &&
    (!noTtl || ttlMs < 0) &&
    (ttlUnder === undefined || (ttlMs >= 0 && ttlMs < ttlUnder * 1000)) &&
    (idleOver === undefined || use > idleOver) &&
    (freqUnder === undefined || use < freqUnder) &&
    (sizeOver === undefined || bytes > sizeOver)
  )
}

/** What of a key's use the criteria ask for. */
export function heatOf({ idleOver, freqUnder }: Pick<Criteria, 'idleOver' | 'freqUnder'>) {
  return idleOver !== undefined ? 'IDLETIME' : freqUnder !== undefined ? 'FREQ' : undefined
}

export const isLfu = (policy: string) => policy.endsWith('-lfu')

/** Why a node cannot tell what the criteria ask for; undefined when it can. */
export function impossible(
  { idleOver, freqUnder }: Pick<Criteria, 'idleOver' | 'freqUnder'>,
  { node, engine, policy }: Pick<NodeFacts, 'node' | 'engine' | 'policy'>,
): Problem | undefined {
  if (!atLeast(engine.version, '7.0'))
    return {
      node: node.instance,
      reason: `${engine.engine} ${engine.version} has no scripts with flags, which a page of keys of many slots needs`,
      todo: 'upgrade to Redis 7.0 or later, or to Valkey',
    }
  if (idleOver !== undefined && isLfu(policy))
    return {
      node: node.instance,
      reason: `idleOver: under maxmemory-policy ${policy} a node keeps no idle times`,
      todo: 'select by freqUnder instead, or change the policy and let it settle',
    }
  if (freqUnder !== undefined && !isLfu(policy))
    return {
      node: node.instance,
      reason: `freqUnder: under maxmemory-policy ${policy === '' ? '(not told)' : policy} a node counts no frequencies`,
      todo: 'select by idleOver instead, or change the policy to allkeys-lfu or volatile-lfu and let it settle',
    }
  return undefined
}

/** The counters of LFU fall by one each lfu-decay-time (a minute): after this what they held before is gone. */
const FREQUENCIES_SETTLE_SECONDS = 255 * 60

/**
 * What a switch between LRU and LFU does to the criteria: what a key carries from before it means something else. Idle
 * times no longer than the time since then are right all the same: whatever is not touched since is idle at least so
 * long.
 * @param ago how long ago the switch was, seconds; undefined: none is known
 * @returns why it must settle first; undefined when it need not
 */
export function settling(
  { idleOver, freqUnder }: Pick<Criteria, 'idleOver' | 'freqUnder'>,
  ago: number | undefined,
): string | undefined {
  if (ago === undefined) return undefined
  const minutes = `${Math.max(1, Math.round(ago / 60))} min ago`
  if (idleOver !== undefined && idleOver > ago)
    return `the policy was switched between LRU and LFU ${minutes}: idle times longer than that are not known yet`
  if (freqUnder !== undefined && ago < FREQUENCIES_SETTLE_SECONDS)
    return `the policy was switched between LRU and LFU ${minutes}: frequencies have not settled yet`
  return undefined
}
