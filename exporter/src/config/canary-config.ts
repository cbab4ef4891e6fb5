import type { Resolver } from './resolver.js'

export interface CanaryConfig {
  readonly enabled: boolean
  readonly intervalMs: number
  /** Empty: no key is written. */
  readonly keyPrefix: string
  readonly keyTtlMs: number
}

export function canaryConfig(from: Resolver): CanaryConfig {
  return {
    enabled: from.bool('canary'),
    intervalMs: from.duration('canary.interval'),
    keyPrefix: from.matching('canary.key-prefix', /^[^\s{}]*$/, 'a prefix without blanks and braces'),
    keyTtlMs: from.duration('canary.key-ttl'),
  }
}
