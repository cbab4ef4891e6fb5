import type { InfoFields } from '../../redis/info.js'

/** Which server a node runs, from INFO server. */
export interface EngineVersion {
  readonly engine: 'redis' | 'valkey'
  readonly version: string
}

export function engineVersion(info: InfoFields): EngineVersion {
  const valkey = info.get('valkey_version')
  return valkey === undefined
    ? { engine: 'redis', version: info.get('redis_version') ?? '' }
    : { engine: 'valkey', version: valkey }
}

export function atLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number))
  for (let i = 0; i < b!.length; i++) {
    const [x, y] = [a![i] ?? 0, b![i]!]
    if (x !== y) return x > y
  }
  return true
}

/** Whether one table holds all keys of a node in cluster mode, and doubles at once when it grows. */
export function hasOneTable(info: InfoFields): boolean {
  const { engine, version } = engineVersion(info)
  return !atLeast(version, engine === 'valkey' ? '8.0' : '7.4')
}

/** Versions of Redis in which CVE-2026-25243 (a crafted payload of RESTORE runs code) is mended, by minor release. */
const RESTORE_MENDED: Readonly<Record<string, string>> = {
  '7.4': '7.4.9',
  '8.2': '8.2.6',
  '8.4': '8.4.3',
  '8.6': '8.6.3',
}

/** Why RESTORE is not safe on this server; undefined when nothing is known against it. */
export function restoreRisk({ engine, version }: EngineVersion): string | undefined {
  if (engine === 'valkey') return undefined
  const minor = version.split('.').slice(0, 2).join('.')
  if (atLeast(minor, '8.7')) return undefined
  const mended = RESTORE_MENDED[minor]
  if (mended !== undefined && atLeast(version, mended)) return undefined
  return `CVE-2026-25243 is open in Redis ${version}${mended === undefined ? '' : ` (mended in ${mended})`}`
}

/** RDB versions that Valkey 9 refuses as foreign: Redis has taken them for formats of its own. */
const FOREIGN_TO_VALKEY = { from: 12, to: 79 }

/** Whether a server with RDB version `target` takes what one with `source` has dumped. */
export function dumpFits(source: number, target: number, { engine }: EngineVersion): boolean {
  if (source > target) return false
  return !(engine === 'valkey' && source >= FOREIGN_TO_VALKEY.from && source <= FOREIGN_TO_VALKEY.to)
}

/** The RDB version in the footer of a payload of DUMP or FUNCTION DUMP: two bytes and eight of a checksum. */
export function rdbVersion(payload: Buffer): number | undefined {
  return payload.length < 10 ? undefined : payload.readUInt16LE(payload.length - 10)
}
