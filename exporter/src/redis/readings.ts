/**
 * What is asked of a node at a scrape: a table. All of it goes out in one pipeline, so that a scrape is one round
 * trip; only what has to be named by an earlier reply (`more`) takes another. The names are those of the collectors in
 * slotwise_collector_success.
 *
 * Redis' own time decides what is asked how often (docs/scaling.md has the figures): INFO default with commandstats,
 * CLUSTER INFO, the slow log and CONFIG by name cost little and are asked at every scrape. INFO latencystats, LATENCY
 * HISTOGRAM and `CONFIG GET *` cost as much as all the rest together: they are `slow`, asked once in a while, and
 * their last replies stand in between.
 */

import type { KeyOptions } from './key-query.js'
import { decode, listOf, pairsOf } from './replies.js'

export type Command = readonly string[]

/** A command that an earlier reply, or the configuration, named. */
export interface Followup {
  /** What it is about: a primary's name, an index, a file. */
  readonly of: string
  readonly command: Command
}

/** What a node is; it does not change while the process behind it lives. */
export interface NodeFacts {
  readonly runId: string
  /** Of the Redis whose commands it speaks, as major * 100 + minor: 700 for 7.0 and for Valkey 8, which says 7.2. */
  readonly version: number
  /** The same of Valkey; 0 where it is none. */
  readonly valkeyVersion: number
  readonly mode: 'standalone' | 'cluster' | 'sentinel'
}

export interface ReadOptions {
  /** Readings that are on, by name. */
  readonly collectors: ReadonlySet<string>
  /** CONFIG, or what it was renamed to; empty where there is none. */
  readonly configCommand: string
  /** All parameters rather than those that have a family. */
  readonly configAll: boolean
  /** Where the RDB file is, to look at its size. */
  readonly rdbFile: boolean
  /** How often slow readings are asked; 0: always. */
  readonly slowMs: number
  /** Time a PING before each reading. */
  readonly ping: boolean
  /** Search indexes to look at. */
  readonly searchIndexes: RegExp
  /** Slots with the most keys to look at. */
  readonly slotStats: number
  /** Lua scripts: name -> text. */
  readonly scripts: ReadonlyMap<string, string>
  readonly scriptsReadOnly: boolean
  /** How keys are looked at, and which; undefined: none ever. */
  readonly keys?: KeyOptions
  /** Told of every command that a node has refused, when it does. */
  readonly onRefused?: (refusal: Refusal) => void
  /** Told when a reading of a node fails where the last did not, or for another reason, and when one succeeds again. */
  readonly onState?: (address: string, error: string | undefined) => void
}

export interface Refusal {
  /** The reading that goes without. */
  readonly reading: string
  readonly command: string
  /** Names the node, too; for people. */
  readonly message: string
}

export interface ReadingRule {
  readonly name: string
  /** What to send; nothing where the node has no such thing. */
  readonly commands: (facts: NodeFacts, options: ReadOptions) => readonly Command[]
  readonly slow?: (options: ReadOptions, facts: NodeFacts) => boolean
  /**
   * What to ask beyond, given the replies to `commands`: in a round trip of its own, which may fail or be late without
   * harm to the rest.
   */
  readonly more?: (replies: readonly Buffer[], options: ReadOptions) => readonly Followup[]
  /** An error reply to one of those says something, rather than that the collector failed. */
  readonly errorsAreAnswers?: true
}

/** On unless told otherwise: config/collector-options.ts says so; this is for whoever reads without a configuration. */
const STANDARD_READINGS: ReadonlySet<string> = new Set([
  'commandstats',
  'cluster_info',
  'config',
  'slowlog',
  'latency',
  'latencystats',
  'latency_histogram',
  'commandlog',
  'sentinel',
])

export const STANDARD_READ_OPTIONS: ReadOptions = {
  collectors: STANDARD_READINGS,
  configCommand: 'CONFIG',
  configAll: false,
  rdbFile: false,
  slowMs: 60_000,
  ping: false,
  searchIndexes: /.*/,
  slotStats: 16,
  scripts: new Map(),
  scriptsReadOnly: false,
}

/** Parameters that a family or a collector needs. */
const CONFIG_NAMES = [
  'maxmemory',
  'maxclients',
  'io-threads',
  'repl-backlog-size',
  'client-output-buffer-limit',
  'databases',
]
const RDB_NAMES = ['dir', 'dbfilename']
const COMMANDLOG_NAMES = [
  'commandlog-execution-slower-than',
  'commandlog-slow-execution-max-len',
  'commandlog-request-larger-than',
  'commandlog-large-request-max-len',
  'commandlog-reply-larger-than',
  'commandlog-large-reply-max-len',
]

const always = () => true
const isData = ({ mode }: NodeFacts) => mode !== 'sentinel'
const hasCommandlog = ({ valkeyVersion }: NodeFacts) => valkeyVersion >= 801

/** Before Redis 7, CONFIG GET takes one pattern. */
const wantsAllConfig = (options: ReadOptions, { version }: NodeFacts) => options.configAll || version < 700

export const readingRules: readonly ReadingRule[] = [
  {
    name: 'info',
    commands: infoCommands,
  },
  {
    name: 'cluster_info',
    commands: ({ mode }) => (mode === 'cluster' ? [['CLUSTER', 'INFO']] : []),
  },
  {
    name: 'config',
    commands: (facts, options) => {
      if (options.configCommand === '' || !isData(facts)) return []
      if (wantsAllConfig(options, facts)) return [[options.configCommand, 'GET', '*']]
      const names = [
        ...CONFIG_NAMES,
        ...(options.rdbFile ? RDB_NAMES : []),
        ...(hasCommandlog(facts) ? COMMANDLOG_NAMES : []),
      ]
      return [[options.configCommand, 'GET', ...names]]
    },
    slow: wantsAllConfig,
  },
  {
    name: 'slowlog',
    commands: (facts) =>
      isData(facts)
        ? [
            ['SLOWLOG', 'LEN'],
            ['SLOWLOG', 'GET', '1'],
          ]
        : [],
  },
  { name: 'latency', commands: (facts) => (isData(facts) ? [['LATENCY', 'LATEST']] : []) },
  // Counts and sums come from commandstats of the same moment: a slow reading is true in itself.
  {
    name: 'latencystats',
    commands: (facts) =>
      facts.version >= 700 && isData(facts) ? [['INFO', 'commandstats', 'latencystats']] : [],
    slow: always,
  },
  {
    name: 'latency_histogram',
    commands: (facts, { collectors }) =>
      facts.version >= 700 && isData(facts)
        ? [
            ['LATENCY', 'HISTOGRAM'],
            // With the same words as latencystats, which asks it anyway: what two rules ask is sent once.
            ['INFO', 'commandstats', ...(collectors.has('latencystats') ? ['latencystats'] : [])],
          ]
        : [],
    slow: always,
  },
  {
    name: 'commandlog',
    commands: (facts) =>
      hasCommandlog(facts) && isData(facts)
        ? ['slow', 'large-request', 'large-reply'].map((log) => ['COMMANDLOG', 'LEN', log])
        : [],
  },
  { name: 'client_list', commands: () => [['CLIENT', 'LIST']] },
  { name: 'modules', commands: (facts) => (isData(facts) ? [['INFO', 'MODULES']] : []) },
  {
    name: 'slot_stats',
    commands: (facts, { slotStats }) =>
      facts.mode === 'cluster' && (facts.valkeyVersion >= 800 || facts.version >= 802)
        ? [['CLUSTER', 'SLOT-STATS', 'ORDERBY', 'KEY-COUNT', 'LIMIT', String(slotStats), 'DESC']]
        : [],
    slow: always,
  },
  { name: 'tile38', commands: () => [['SERVER', 'EXT']] },
  {
    name: 'search_indexes',
    commands: (facts) => (isData(facts) ? [['FT._LIST']] : []),
    more: ([list], { searchIndexes }) =>
      namesIn(list)
        .filter((index) => searchIndexes.test(index))
        .map((index) => ({ of: index, command: ['FT.INFO', index] })),
  },
  {
    name: 'sentinel',
    commands: ({ mode, version }, { configAll }) =>
      mode === 'sentinel'
        ? [
            ['SENTINEL', 'MASTERS'],
            ...(configAll && version >= 602 ? [['SENTINEL', 'CONFIG', 'GET', '*']] : []),
          ]
        : [],
    more: ([masters]) =>
      mastersIn(masters).flatMap((of) =>
        ['CKQUORUM', 'SENTINELS', 'SLAVES'].map((what) => ({ of, command: ['SENTINEL', what, of] })),
      ),
    errorsAreAnswers: true,
  },
  {
    name: 'script',
    commands: () => [],
    more: (_, { scripts, scriptsReadOnly }) =>
      [...scripts].map(([of, text]) => ({
        of,
        command: [scriptsReadOnly ? 'EVAL_RO' : 'EVAL', text, '0', '0'],
      })),
  },
]

/** Before Redis 7, INFO takes one section; sections that a server does not know are passed over. */
function infoCommands({ version, valkeyVersion, mode }: NodeFacts, { collectors }: ReadOptions): Command[] {
  if (version < 700) return [['INFO', 'ALL']]
  const sections = ['default']
  if (collectors.has('commandstats') && mode !== 'sentinel') sections.push('commandstats')
  if (valkeyVersion >= 900) sections.push('tls', 'scriptingengines')
  return [['INFO', ...sections]]
}

/** How many masters or indexes are looked at: a reply that names more is no reason to send a flood. */
const MOST_NAMES = 1000

function namesIn(frame: Buffer | undefined): string[] {
  const names = frame ? listOf(decode(frame)).filter((name) => typeof name === 'string') : []
  return names.slice(0, MOST_NAMES)
}

function mastersIn(frame: Buffer | undefined): string[] {
  const names = frame ? listOf(decode(frame)).map((master) => pairsOf(master).get('name')) : []
  return names.filter((name) => typeof name === 'string').slice(0, MOST_NAMES)
}

/** Reads the facts out of INFO's server and cluster sections. */
export function factsOf(info: ReadonlyMap<string, string>): NodeFacts {
  const mode = info.get('redis_mode') ?? info.get('server_mode')
  return {
    runId: info.get('run_id') ?? '',
    version: versionNumber(info.get('redis_version')),
    valkeyVersion: versionNumber(info.get('valkey_version')),
    mode: info.get('cluster_enabled') === '1' ? 'cluster' : mode === 'sentinel' ? 'sentinel' : 'standalone',
  }
}

/** `8.1.3` -> 801; 0 for what is no version. */
function versionNumber(text: string | undefined): number {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,2})/.exec(text ?? '') ?? []
  return major === undefined ? 0 : Number(major) * 100 + Number(minor)
}
