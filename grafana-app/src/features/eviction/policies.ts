import type { EvictionPolicySpec } from '../../api/contract'

export type Policy = NonNullable<EvictionPolicySpec['policy']>

/** What each maxmemory-policy does when a node is full. https://redis.io/docs/latest/develop/reference/eviction/ */
export const POLICIES: Readonly<Record<Policy, string>> = {
  'allkeys-lru': 'Any key, least recently used first. The usual choice for a cache.',
  'allkeys-lfu': 'Any key, least often used first. Keeps what is read again and again through a scan.',
  'allkeys-random': 'Any key, at random. For when all keys are equally likely to be read.',
  'allkeys-lrm': 'Any key, least recently modified first: reads do not keep a key. Redis 8.6 and later.',
  'volatile-lru': 'Only keys with a TTL, least recently used first. Acts on nothing when no key has one.',
  'volatile-lfu': 'Only keys with a TTL, least often used first.',
  'volatile-random': 'Only keys with a TTL, at random.',
  'volatile-ttl': 'Only keys with a TTL, those that expire soonest first.',
  'volatile-lrm': 'Only keys with a TTL, least recently modified first. Redis 8.6 and later.',
  noeviction: 'Evicts nothing: a full node refuses writes. For data that must not get lost.',
}

export const isPolicy = (name: string): name is Policy => name in POLICIES
