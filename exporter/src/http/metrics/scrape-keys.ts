import { NOTHING, parseKeyList, type DbKey, type KeyQuery } from '../../redis/key-query.js'
import { TargetError } from '../../services/scraper/targets.js'

/** Parameters of /scrape that name keys, as redis_exporter has them. */
const PARAMETERS = {
  'check-keys': 'keys',
  'check-single-keys': 'singleKeys',
  'check-streams': 'streams',
  'check-single-streams': 'singleStreams',
  'count-keys': 'counts',
} as const satisfies Record<string, keyof KeyQuery>

export interface ScrapeKeys {
  /** What is looked at unless a parameter says otherwise. */
  readonly standard: KeyQuery
  /** Whether a parameter may name this key or pattern. */
  readonly allowed: (key: DbKey) => boolean
}

/**
 * The keys that a request names: a parameter takes the place of the flag of its name.
 * @returns undefined when it names none
 * @throws TargetError 400 for what is no list of keys, 403 for what --scrape.allow-keys does not cover
 */
export function keysNamed(parameters: URLSearchParams, keys: ScrapeKeys | undefined): KeyQuery | undefined {
  const named: Partial<Record<(typeof PARAMETERS)[keyof typeof PARAMETERS], DbKey[]>> = {}
  for (const [parameter, field] of Object.entries(PARAMETERS)) {
    const text = parameters.get(parameter)
    if (text) named[field] = namedKeys(parameter, text, keys)
  }
  return Object.keys(named).length === 0 ? undefined : { ...(keys?.standard ?? NOTHING), ...named }
}

function namedKeys(parameter: string, text: string, keys: ScrapeKeys | undefined): DbKey[] {
  let list: DbKey[]
  try {
    list = parseKeyList(text)
  } catch (error) {
    throw new TargetError(400, `${parameter}: ${(error as Error).message}`)
  }
  const denied = list.find((key) => !keys?.allowed(key))
  if (denied) {
    throw new TargetError(
      403,
      `${parameter}: whoever asks may name only keys and patterns that --scrape.allow-keys covers, and ` +
        `${JSON.stringify(denied.key)} is none; add it there, or use --${parameter}`,
    )
  }
  return list
}

/**
 * Makes the test for --scrape.allow-keys: `*` stands for any text, all else for itself; without `db3=` in front it
 * holds in every database.
 * @throws Error says what is wrong with a pattern
 */
export function keyAllowList(patterns: readonly string[]): (key: DbKey) => boolean {
  const rules = patterns.map((pattern) => {
    const [rule] = parseKeyList(pattern)
    const parts = rule!.key.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return {
      db: pattern.includes('=') ? rule!.db : undefined,
      regex: new RegExp(`^${parts.join('.*')}$`, 's'),
    }
  })
  return ({ db, key }) =>
    rules.some((rule) => (rule.db === undefined || rule.db === db) && rule.regex.test(key))
}
