import type { KeyType, WarmupSpec } from '../../../contract/kinds/warmup.js'
import { globMatches } from '../../keys/glob.js'

/** Which keys a warmup may and shall copy, by what is known without reading their values. */
export interface Selection {
  /** By its name alone. */
  readonly name: (key: Buffer) => boolean
  readonly type: (type: string) => boolean
  /** @param ttlMs what is left; negative: it never expires */
  readonly ttl: (ttlMs: number) => boolean
}

/** @param keyPrefixes of the token: keys outside are neither read nor written */
export function selection(
  { prefix, match, types, minTtlSeconds = 0 }: WarmupSpec['select'],
  keyPrefixes?: readonly string[],
): Selection {
  const tests: ((key: Buffer) => boolean)[] = []
  if (keyPrefixes) {
    const allowed = keyPrefixes.map((text) => Buffer.from(text))
    tests.push((key) => allowed.some((bytes) => startsWith(key, bytes)))
  }
  if (prefix !== undefined) {
    const bytes = Buffer.from(prefix)
    tests.push((key) => startsWith(key, bytes))
  }
  if (match !== undefined) {
    const pattern = Buffer.from(match)
    tests.push((key) => globMatches(pattern, key))
  }
  const wanted = types && new Set<string>(types satisfies readonly KeyType[])
  return {
    name: (key) => tests.every((test) => test(key)),
    type: (type) => wanted?.has(type) ?? true,
    ttl: (ttlMs) => ttlMs < 0 || ttlMs >= minTtlSeconds * 1000,
  }
}

function startsWith(key: Buffer, prefix: Buffer): boolean {
  return key.length >= prefix.length && key.compare(prefix, 0, prefix.length, 0, prefix.length) === 0
}
