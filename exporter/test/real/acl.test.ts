import { Redis } from 'ioredis'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { repoRoot } from '../../../stack/src/servers.js'

/** The users of docs/security.md, on every server: what their role runs is permitted, and what would do harm is not. */
const page = readFileSync(join(repoRoot, 'docs/security.md'), 'utf8')
const ROLES = ['monitor', 'source', 'warm', 'evict', 'policy'] as const
type Role = (typeof ROLES)[number]

/** What the lines below a comment are for. */
const FOR = {
  'every server': ['redis-server', 'redis8-server', 'valkey9-server'],
  'Redis 7.2 and later, Valkey': ['redis8-server', 'valkey9-server'],
  'Redis 7.4 and later, Valkey 9 and later': ['redis8-server', 'valkey9-server'],
  'Valkey 8.1 and later': ['valkey9-server'],
} as const
type Server = (typeof FOR)['every server'][number]

/** The ACL SETUSER lines of the page with their comments. */
const documented = [...page.matchAll(/^```\n(# every server\nACL SETUSER[^`]*)```$/gm)].flatMap(
  ([, block]) => {
    let comment = ''
    return block!
      .trim()
      .split('\n')
      .flatMap((line) => {
        if (!line.startsWith('# ')) return [{ line, comment }]
        comment = line.slice(2)
        return []
      })
  },
)
const linesFor = (role: Role, server: Server) =>
  documented
    .filter(({ line }) => line.startsWith(`ACL SETUSER slotwise-${role} `))
    .filter(({ comment }) => (FOR[comment as keyof typeof FOR] as readonly string[]).includes(server))
    .map(({ line }) => line.split(' '))

const MONITOR = [
  'INFO',
  'INFO server clients commandstats',
  'PING',
  'CLUSTER INFO',
  'CLUSTER NODES',
  'CLIENT SETNAME slotwise/exporter',
  'SLOWLOG LEN',
  'SLOWLOG GET 1',
  'LATENCY LATEST',
  'LATENCY HISTOGRAM',
]
const TAKE_OVER = ['CLIENT LIST', 'CLIENT KILL ID 1']
/** What a key is, without its value. */
const LOOK = [
  'SCAN 0 COUNT 100',
  'RANDOMKEY',
  'TYPE app:1',
  'PTTL app:1',
  'MEMORY USAGE app:1',
  'OBJECT FREQ app:1',
  'OBJECT IDLETIME app:1',
]
const READ = [
  ...LOOK,
  'READONLY',
  'DBSIZE',
  'FUNCTION DUMP',
  'EXISTS app:1',
  'GET app:1',
  'DUMP app:1',
  'LRANGE app:1 0 -1',
  'SMEMBERS app:1',
  'HGETALL app:1',
  'ZRANGE app:1 0 -1 WITHSCORES',
]
const NEWER_READ = ['CLIENT NO-TOUCH ON', 'HPTTL app:1 FIELDS 1 f']

/** Role -> the commands that the code sends, also those inside of its scripts. */
const NEEDS: Readonly<Record<Role, readonly string[]>> = {
  monitor: MONITOR,
  source: [...READ, 'INFO', 'CLUSTER INFO', 'CLUSTER NODES', 'CLIENT SETNAME slotwise/1/1'],
  warm: [
    ...[...MONITOR, ...TAKE_OVER, ...READ],
    'ASKING',
    'SET app:1 v NX PX 1',
    'RESTORE app:1 0 v REPLACE IDLETIME 1',
    'SCRIPT LOAD script',
    'EVALSHA 0123456789012345678901234567890123456789 1 app:1 RPUSH 0 0 v',
    'DEL app:1',
    'RPUSH app:1 v',
    'SADD app:1 v',
    'HSET app:1 f v',
    'ZADD app:1 1 v',
    'PEXPIRE app:1 1',
  ],
  evict: [
    ...[...MONITOR, ...TAKE_OVER, ...LOOK],
    ...['READONLY', 'DBSIZE', 'FUNCTION DUMP', 'SCRIPT LOAD script', 'EXISTS app:1', 'UNLINK app:1'],
    'EVALSHA 0123456789012345678901234567890123456789 0',
  ],
  policy: [
    ...[...MONITOR, ...TAKE_OVER, 'DBSIZE'],
    'CONFIG GET maxmemory*',
    'CONFIG GET *',
    'CONFIG SET maxmemory 1 maxmemory-policy allkeys-lru',
    'CONFIG REWRITE',
  ],
}
/** The same for what older servers do not know. */
const NEEDS_OF_NEWER: Readonly<Record<Role, Partial<Record<Server, readonly string[]>>>> = (() => {
  const shard = ['CLUSTER MYSHARDID']
  const commandlog = [...shard, 'COMMANDLOG LEN slow']
  const reads = [...shard, ...NEWER_READ]
  return {
    monitor: { 'redis8-server': shard, 'valkey9-server': commandlog },
    source: { 'redis8-server': reads, 'valkey9-server': reads },
    warm: { 'redis8-server': reads, 'valkey9-server': [...commandlog, ...NEWER_READ] },
    evict: { 'redis8-server': shard, 'valkey9-server': commandlog },
    policy: { 'redis8-server': shard, 'valkey9-server': commandlog },
  }
})()

/** Harm -> the roles that cannot be kept from it. */
const HARM: Readonly<Record<string, readonly Role[]>> = {
  'CONFIG GET requirepass': ['policy'],
  'CONFIG SET requirepass x': ['policy'],
  'CONFIG SET dir /tmp': ['policy'],
  'CONFIG REWRITE': ['policy'],
  'CONFIG RESETSTAT': [],
  'CLIENT KILL ID 1': ['warm', 'evict', 'policy'],
  'CLIENT LIST': ['warm', 'evict', 'policy'],
  'CLIENT PAUSE 1': [],
  'EVAL return 0': [],
  'EVALSHA 0123456789012345678901234567890123456789 0': ['warm', 'evict'],
  'SCRIPT FLUSH': [],
  'SCRIPT KILL': [],
  'FUNCTION LOAD x': [],
  'FUNCTION FLUSH': [],
  'FCALL f 0': [],
  'GET app:1': ['source', 'warm'],
  'DUMP app:1': ['source', 'warm'],
  'SET app:1 v': ['warm'],
  'DEL app:1': ['warm'],
  'UNLINK app:1': ['evict'],
  'RESTORE app:1 0 v': ['warm'],
  'GET other:1': [],
  'SET other:1 v': [],
  'UNLINK other:1': [],
  'DEL other:1': [],
  'COPY app:1 app:2': [],
  'RENAME app:1 app:2': [],
  'SORT app:1': [],
  'KEYS *': [],
  FLUSHALL: [],
  FLUSHDB: [],
  'SWAPDB 0 1': [],
  'SHUTDOWN NOSAVE': [],
  SAVE: [],
  BGSAVE: [],
  BGREWRITEAOF: [],
  'DEBUG SLEEP 1': [],
  MONITOR: [],
  'REPLICAOF NO ONE': [],
  'PSYNC ? -1': [],
  'MODULE LOAD x.so': [],
  'MIGRATE h 1 app:1 0 1': [],
  'SLOWLOG RESET': [],
  'LATENCY RESET': [],
  'CLUSTER FAILOVER': [],
  'CLUSTER RESET': [],
  'CLUSTER FORGET x': [],
  'CLUSTER MEET h 1': [],
  'CLUSTER SETSLOT 1 STABLE': [],
  'ACL SETUSER x': [],
  'ACL LIST': [],
  'ACL GETUSER default': [],
  'ACL LOG': [],
  'PUBLISH c m': [],
  'SUBSCRIBE c': [],
}

/** A server and a connection to it. */
async function start(server: Server): Promise<{ node: RedisNode; redis: Redis }> {
  const [port] = await freePorts(1)
  const node = await startNode({ port: port!, dir, server })
  return { node, redis: new Redis(port!, '127.0.0.1') }
}

/** `OK`, or why not. */
const dryRun = (redis: Redis, user: string, command: string) =>
  redis.call('ACL', 'DRYRUN', user, ...command.split(' ')) as Promise<string>

const dir = mkdtempSync(join(tmpdir(), 'slotwise-acl-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it('the page has a user for every role, and a comment that this test knows above each line', () => {
  expect(new Set(documented.map(({ line }) => line.split(' ')[2]))).toEqual(
    new Set(ROLES.map((role) => `slotwise-${role}`)),
  )
  for (const { comment } of documented) expect(Object.keys(FOR)).toContain(comment)
})

describe.each(FOR['every server'])('%s', (server) => {
  let node: RedisNode
  let redis: Redis
  beforeAll(async () => {
    ;({ node, redis } = await start(server))
    for (const role of ROLES)
      for (const [verb, ...words] of linesFor(role, server))
        expect(await redis.call(verb!, ...words), words.join(' ')).toBe('OK')
  })
  afterAll(async () => {
    redis.disconnect()
    await node.stop()
  })

  it.each(ROLES)('lets %s run what it needs', async (role) => {
    const refused: Record<string, string> = {}
    for (const command of [...NEEDS[role], ...(NEEDS_OF_NEWER[role][server] ?? [])]) {
      const answer = await dryRun(redis, `slotwise-${role}`, command)
      if (answer !== 'OK') refused[command] = answer
    }
    expect(refused).toEqual({})
  })

  it.each(ROLES)('keeps %s from harm', async (role) => {
    const permitted: string[] = []
    for (const command of Object.keys(HARM)) {
      const answer = await dryRun(redis, `slotwise-${role}`, command)
      if (answer === 'OK') permitted.push(command)
      else expect(answer, command).toMatch(/no permissions/)
    }
    expect(permitted).toEqual(Object.keys(HARM).filter((command) => HARM[command]!.includes(role)))
  })

  it('knows each of these commands: a typing error would be refused, too', async () => {
    const all = [...Object.keys(HARM), ...Object.values(NEEDS).flat()]
    for (const command of new Set(all)) expect(await dryRun(redis, 'default', command), command).toBe('OK')
  })
})

/** What is on -> what it runs besides. */
const OPTIONS: readonly (readonly [row: RegExp, commands: readonly string[]])[] = [
  [/redis_config_/, ['CONFIG GET maxmemory']],
  [/--export-client-list/, ['CLIENT LIST']],
  [/--collector\.slot_stats/, ['CLUSTER SLOT-STATS ORDERBY key-count LIMIT 1 DESC']],
  [
    /--check-keys/,
    [
      ...['SCAN 0', 'SELECT 0', 'DBSIZE', 'EXISTS app:1', 'TYPE app:1', 'MEMORY USAGE app:1', 'STRLEN app:1'],
      ...['GETRANGE app:1 0 1', 'PFCOUNT app:1', 'LLEN app:1', 'SCARD app:1', 'ZCARD app:1', 'HLEN app:1'],
      ...['XLEN app:1', 'XINFO STREAM app:1', 'XINFO GROUPS app:1', 'XINFO CONSUMERS app:1 g', 'READONLY'],
    ],
  ],
  [/--check-key-groups/, ['EVAL return 0']],
]

describe('the options of the page', () => {
  let node: RedisNode
  let redis: Redis
  beforeAll(async () => {
    ;({ node, redis } = await start('valkey9-server'))
  })
  afterAll(async () => {
    redis.disconnect()
    await node.stop()
  })

  it.each(OPTIONS)('%s: what it says is enough', async (row, commands) => {
    const [, needs] = page
      .split('\n')
      .find((line) => line.startsWith('| ') && row.test(line))!
      .split(' | ')
    const rules = needs!
      .replaceAll('\\|', '|')
      .replaceAll('pattern', 'app:*')
      .match(/[+%~][^\s`,()]+/g)!
    await redis.call('ACL', 'SETUSER', 'option', 'reset', 'on', 'nopass', '-@all', ...rules)
    for (const command of commands) expect(await dryRun(redis, 'option', command), command).toBe('OK')
  })
})
