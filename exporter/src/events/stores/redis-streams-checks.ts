/** What a server says of itself, as far as it matters for a log. */
export interface ServerFacts {
  /** INFO, all default sections. */
  readonly info: string
  /** CONFIG GET, by name; undefined where CONFIG is not allowed. */
  readonly config?: Readonly<Record<string, string>>
}

/** The parameters that are asked. */
export const PARAMETERS = ['maxmemory-policy', 'appendonly', 'appendfsync'] as const

const field = (info: string, name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1]

/**
 * Why this server must not keep the log, and what to do; undefined when it may.
 * @param allowLoss acknowledged events may be lost (--events.allow-loss)
 */
export function refusal({ info, config }: ServerFacts, allowLoss: boolean): string | undefined {
  const version = field(info, 'redis_version') ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2))
    return `it runs version ${version}, and the log needs 6.2 or newer; upgrade it`
  if (field(info, 'loading') === '1' || field(info, 'async_loading') === '1')
    return 'it is loading its data after a start; the log goes on by itself once it has'
  if (field(info, 'role') !== 'master') {
    const primary = `${field(info, 'master_host') ?? 'unknown'}:${field(info, 'master_port') ?? '?'}`
    return `it is a replica of ${primary}, and only a primary takes events; give the address of the primary (--events.url)`
  }
  if (allowLoss) return undefined
  const policy = config?.['maxmemory-policy'] ?? field(info, 'maxmemory_policy')
  const aof = config?.appendonly ?? { 0: 'no', 1: 'yes' }[field(info, 'aof_enabled') ?? '']
  const fsync = config?.appendfsync
  const problems = [
    policy === undefined && 'it does not tell its maxmemory-policy, which has to be noeviction',
    policy !== undefined &&
      policy !== 'noeviction' &&
      `its maxmemory-policy ${policy} deletes events when its memory is full: set it to noeviction`,
    aof === undefined && 'it does not tell appendonly, which has to be yes',
    aof !== undefined && aof !== 'yes' && 'it keeps no append-only file: set appendonly to yes',
    aof !== 'no' &&
      fsync === undefined &&
      'it does not tell appendfsync, which has to be always (CONFIG GET is not allowed there)',
    fsync !== undefined &&
      fsync !== 'always' &&
      `its appendfsync ${fsync} answers before an event is on the disk: set it to always`,
  ].filter((problem) => problem !== false)
  if (problems.length === 0) return undefined
  return `${problems.join('; ')}. Where a crash of the server may cost acknowledged events, start with --events.allow-loss`
}
