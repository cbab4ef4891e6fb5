import type { Command } from 'commander'
import type { Given } from './spec.js'
import { bytes, EXPECTED, list, number, text, type Parse } from './values.js'

const source =
  (type: string, member: string): Parse =>
  (given) => ({ type, [member]: given })

/** What can be said without `--set`: the flag, where it stands in the spec, what it takes, what it means. */
const FLAGS: readonly (readonly [flag: string, path: string, parse: Parse, help: string])[] = [
  ['--from-cluster <name>', 'source', source('cluster', 'name'), 'copy from another configured cluster'],
  ['--from-source <name>', 'source', source('redis', 'name'), 'copy from a source of warmup.sources'],
  ['--from-file <path>', 'source', source('file', 'path'), 'copy from a file below warmup.dir'],
  ['--match <glob>', 'select.match', text, 'only keys that match, as in SCAN'],
  ['--prefix <text>', 'select.prefix', text, 'only keys that start with this'],
  ['--types <list>', 'select.types', list, 'only keys of these types, by comma'],
  ['--keys-per-second <number>', 'rate.keysPerSecond', number, 'at most so many keys a second'],
  ['--bytes-per-second <bytes>', 'rate.bytesPerSecond', bytes, 'at most so many bytes a second, e.g. 50mb'],
  ['--conflict <skip|replace>', 'conflict', text, 'what a key does that is there already (default skip)'],
  ['--limit-keys <number>', 'limits.keys', number, 'end after so many keys were written'],
  ['--limit-bytes <bytes>', 'limits.bytes', bytes, 'end after so many bytes were written'],
  ['--memory-share <share>', 'limits.memoryShare', number, 'fill nodes up to this share of maxmemory'],
  ['--ttl-jitter <percent>', 'ttl.jitterPercent', number, 'spread TTLs by up to so many percent'],
  ['--sample <number>', 'verify.sample', number, 'compare so many keys with the source at the end'],
  ['--restore <safe|trusted>', 'restore', text, 'when to use DUMP and RESTORE (default safe)'],
]

export function addWarmupFlags(command: Command): Command {
  command.optionsGroup('Options of plan warmup, short for --set:')
  for (const [flag, path, , help] of FLAGS) command.option(flag, `${help} [${path}]`)
  return command
}

/** What of it was given; `fail` does not return. */
export function warmupFlags(command: Command, kind: string, fail: (problem: string) => never): Given[] {
  return FLAGS.flatMap(([usage, path, parse]) => {
    const flag = usage.split(' ')[0]!
    const name = flag.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    const given = command.getOptionValue(name) as string | undefined
    if (given === undefined) return []
    if (kind !== 'warmup') fail(`${flag} is for plan warmup; use --set for the spec of ${kind}`)
    const value = parse(given) ?? fail(`${flag}: '${given}' is not ${EXPECTED.get(parse)!}`)
    return { flag, path: path.split('.'), value }
  })
}
