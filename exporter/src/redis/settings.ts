import type { InfoFields } from './info.js'
import { readInfo } from './info.js'

/**
 * Asks a node what decides about its evictions, all in one round trip: CONFIG GET of the parameters, then INFO. Each
 * pattern by itself, because before Redis 7 CONFIG GET takes one.
 */
export const SETTINGS_COMMANDS = [
  ['CONFIG', 'GET', 'maxmemory*'],
  ['CONFIG', 'GET', 'lfu-*'],
  ['CONFIG', 'GET', 'lazyfree-lazy-*'],
  ['CONFIG', 'GET', 'active-expire-effort'],
  ['CONFIG', 'GET', 'replica-ignore-maxmemory'],
  ['INFO'],
] as const satisfies readonly (readonly [string, ...string[]])[]

export interface Settings {
  /** What CONFIG GET gave, by parameter. */
  readonly config: Readonly<Record<string, string>>
  readonly info: InfoFields
}

/** @param replies to SETTINGS_COMMANDS, decoded, none of them an error */
export function settingsOf(replies: readonly unknown[]): Settings {
  const pairs = replies.slice(0, -1).flatMap((reply) => [...Object.entries(configOf(reply))])
  return { config: Object.fromEntries(pairs), info: readInfo(Buffer.from(String(replies.at(-1)))) }
}

/** CONFIG GET answers a flat list in RESP2. */
export function configOf(reply: unknown): Record<string, string> {
  const list = (reply as unknown[]).map(String)
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : [])))
}

/** Engine and version for people: `redis 7.0.15`. */
export function engineOf(info: InfoFields): { engine: 'redis' | 'valkey'; version: string } {
  const valkey = info.get('valkey_version')
  return valkey === undefined
    ? { engine: 'redis', version: info.get('redis_version') ?? '' }
    : { engine: 'valkey', version: valkey }
}
