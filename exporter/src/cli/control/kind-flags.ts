import type { Command } from 'commander'
import type { Given } from './spec.js'
import { bytes, EXPECTED, flag, list, number, text, type Parse } from './values.js'

const source =
  (type: string, member: string): Parse =>
  (given) => ({ type, [member]: given })

/** Where in the spec of each kind a value stands. */
type Places = Readonly<Partial<Record<'warmup' | 'evict-keys', string>>>

const both = (warmup: string, evictKeys = warmup): Places => ({ warmup, 'evict-keys': evictKeys })
const warmup = (path: string): Places => ({ warmup: path })
const evict = (path: string): Places => ({ 'evict-keys': path })

/** What can be said without `--set`: the flag, where it stands in the spec, what it takes, what it means. */
const FLAGS: readonly (readonly [flag: string, places: Places, parse: Parse, help: string])[] = [
  [
    '--from-cluster <name>',
    warmup('source'),
    source('cluster', 'name'),
    'copy from another configured cluster',
  ],
  ['--from-source <name>', warmup('source'), source('redis', 'name'), 'copy from a source of warmup.sources'],
  ['--from-file <path>', warmup('source'), source('file', 'path'), 'copy from a file below warmup.dir'],
  ['--match <glob>', both('select.match', 'match'), text, 'only keys that match, as in SCAN'],
  ['--all', evict('all'), flag, 'permit a pattern that every key matches'],
  ['--prefix <text>', warmup('select.prefix'), text, 'only keys that start with this'],
  ['--types <list>', both('select.types', 'types'), list, 'only keys of these types, by comma'],
  ['--idle-over <time>', evict('idleOver'), text, 'not touched for longer, e.g. 30d; not under LFU'],
  ['--freq-under <number>', evict('freqUnder'), number, 'a frequency below this; only under LFU'],
  ['--ttl-under <time>', evict('ttlUnder'), text, 'expires sooner than this, e.g. 15m'],
  ['--without-ttl', evict('noTtl'), flag, 'only keys that never expire'],
  ['--size-over <bytes>', evict('sizeOver'), bytes, 'takes more memory than this, e.g. 1mb'],
  ['--count <sample|full>', evict('count'), text, 'how the plan counts (default sample)'],
  ['--keys-per-second <number>', both('rate.keysPerSecond'), number, 'at most so many keys a second'],
  [
    '--bytes-per-second <bytes>',
    both('rate.bytesPerSecond'),
    bytes,
    'at most so many bytes a second, e.g. 50mb',
  ],
  [
    '--conflict <skip|replace>',
    warmup('conflict'),
    text,
    'what a key does that is there already (default skip)',
  ],
  ['--limit-keys <number>', both('limits.keys'), number, 'end after so many keys'],
  ['--limit-bytes <bytes>', both('limits.bytes'), bytes, 'end after so many bytes'],
  ['--limit-share <share>', evict('limits.share'), number, 'end after this share of all keys, e.g. 0.1'],
  [
    '--memory-share <share>',
    warmup('limits.memoryShare'),
    number,
    'fill nodes up to this share of maxmemory',
  ],
  ['--ttl-jitter <percent>', warmup('ttl.jitterPercent'), number, 'spread TTLs by up to so many percent'],
  ['--sample <number>', both('verify.sample'), number, 'look at so many keys again at the end'],
  ['--restore <safe|trusted>', warmup('restore'), text, 'when to use DUMP and RESTORE (default safe)'],
]

export function addKindFlags(command: Command): Command {
  command.optionsGroup('Options of plan warmup and plan evict-keys, short for --set:')
  for (const [usage, places, , help] of FLAGS) command.option(usage, `${help} [${placesText(places)}]`)
  return command
}

/** `select.match`, or where kinds differ `warmup: select.match, evict-keys: match`. */
function placesText(places: Places): string {
  const all = Object.entries(places)
  if (all.length === 2 && all[0]![1] === all[1]![1]) return all[0]![1]
  return all.map(([kind, path]) => `${kind}: ${path}`).join(', ')
}

/** What of it was given; `fail` does not return. */
export function kindFlags(command: Command, kind: string, fail: (problem: string) => never): Given[] {
  return FLAGS.flatMap(([usage, places, parse]) => {
    const flagName = usage.split(' ')[0]!
    const name = flagName.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    const given = command.getOptionValue(name) as string | true | undefined
    if (given === undefined) return []
    const path = Object.entries(places).find(([of]) => of === kind)?.[1]
    if (path === undefined)
      return fail(
        `${flagName} is for plan ${Object.keys(places).join(' and ')}; use --set for the spec of ${kind}`,
      )
    const value = parse(String(given)) ?? fail(`${flagName}: '${given}' is not ${EXPECTED.get(parse)!}`)
    return { flag: flagName, path: path.split('.'), value }
  })
}
