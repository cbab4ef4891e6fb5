import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import { LEASES } from '../../src/events/stores/redis-streams-keys.js'
import { UNLINKS } from '../../src/operations/kinds/evict-keys/script.js'
import { ControlApi, writeTokens } from '../control-api.js'
import { contentOf, differences, fill, flush } from '../warmup.js'

/** Several processes of the program on one event log, which is a Redis of its own. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-operators-'))
const [tokensFile, configFile] = [join(dir, 'tokens.yml'), join(dir, 'slotwise.yml')]
const KEYS = 6000
let target: RedisCluster
let single: RedisCluster
let source: RedisNode
let log: RedisNode
let token: string
const started: Process[] = []

/** A process of the program, and its API. */
interface Process {
  readonly exporter: Exporter
  readonly api: ControlApi
  readonly operation: (id: string) => Promise<Operation>
}

beforeAll(async () => {
  const ports = await freePorts(6, { bus: true })
  ;[target, source, log, single] = await Promise.all([
    startCluster({ ports: ports.slice(0, 3), replicas: 0, dir }),
    startNode({ port: ports[3]!, dir }),
    startNode({ port: ports[4]!, dir, config: { appendonly: 'yes', appendfsync: 'always' } }),
    startCluster({ ports: ports.slice(5), replicas: 0, dir }),
  ])
  token = writeTokens(tokensFile, [
    { id: 'root', scopes: ['read', 'plan', 'run', 'warmup', 'evict', 'policy', 'admin'], delegated: false },
  ]).root!
  writeFileSync(
    configFile,
    stringify({
      clusters: [
        { name: 'demo', seeds: [`redis://${target.nodes[0]!.address}`] },
        { name: 'other', seeds: [`redis://${single.nodes[0]!.address}`] },
      ],
      warmup: { sources: [{ name: 'old', seeds: [`redis://${source.address}`] }] },
    }),
  )
  await fill([source], KEYS)
})
afterAll(async () => {
  await Promise.all([target.stop(), single.stop(), source.stop(), log.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => flush(target.nodes))
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ exporter }) => exporter.stop()))
})

async function serve(services?: string): Promise<Process> {
  const [port, controlPort] = await freePorts(2)
  const exporter = await startExporter({
    port: port!,
    args: [
      `--config.file=${configFile}`,
      `--events.url=redis://${log.address}`,
      `--control.listen-address=127.0.0.1:${controlPort}`,
      `--control.tokens-file=${tokensFile}`,
      '--discovery.interval=1s',
      ...(services === undefined ? [] : [`--services=${services}`]),
    ],
  })
  const api = new ControlApi(`http://127.0.0.1:${controlPort}`, token)
  const operation = async (id: string) => (await api.get(`/operations/${id}`)).body as unknown as Operation
  const process = { exporter, api, operation }
  started.push(process)
  if (services === undefined || services.includes('control'))
    await until(async () => (await api.get('/clusters').catch(() => undefined))?.status === 200, {
      timeoutMs: 40_000,
      what: 'the API',
    })
  return process
}

const warmup = (keysPerSecond: number) => ({
  source: { type: 'redis', name: 'old' },
  rate: { keysPerSecond },
  verify: { sample: 100 },
})
const evictKeys = { match: 'e:*', rate: { keysPerSecond: 20 } }
const takenUp = ({ timeline }: Operation) =>
  timeline.filter(({ type }) => type === 'operation.taken-up').length
const shows = ({ operation }: Process, id: string, is: (operation: Operation) => boolean, what: string) =>
  until(async () => is(await operation(id)), { timeoutMs: 60_000, what })
/** Tokens of the connections that the nodes have for an operation. */
const tokensOf = async (id: string) => {
  const lists = await Promise.all(target.nodes.map((node) => node.cli('CLIENT', 'LIST')))
  return new Set(
    [...lists.join('\n').matchAll(new RegExp(`name=slotwise/${id}/(\\d+) `, 'g'))].map(([, n]) => n),
  )
}
const events = async ({ api }: Process, query: string) =>
  ((await api.get(`/events?limit=1000&${query}`)).body.events as { type: string; data: unknown }[]).map(
    ({ type, data }) => ({ type: type.slice('io.slotwise.'.length), data }),
  )

const WRITES = /^(set|del|unlink|restore|p?expire|eval|evalsha|script|config (set|rewrite))\b/i
interface Seen {
  /** Seconds since the epoch, on the clock that all nodes here have. */
  readonly at: number
  /** Address of the client. */
  readonly from: string
  readonly command: string
}
/**
 * Commands that a node is given from now on; asked for them, all that it was given before that. Over a plain socket:
 * ioredis fails where the first command comes together with the answer to MONITOR.
 */
async function watch(node: RedisNode): Promise<() => Promise<readonly Seen[]>> {
  let text = ''
  const socket = connect(node.port, '127.0.0.1').setEncoding('latin1')
  socket.on('data', (data: string) => (text += data))
  socket.write('MONITOR\r\n')
  await until(() => text.includes('\r\n'), { timeoutMs: 20_000, what: 'the node to be watched' })
  return async () => {
    await node.cli('ECHO', 'that is all')
    await until(() => text.includes('"that is all"\r\n'), { timeoutMs: 20_000, what: 'the last command' })
    socket.destroy()
    // Behind the answer to MONITOR.
    return text.split('\r\n').slice(1, -1).map(seenIn)
  }
}

/** `+1795356265.157363 [0 127.0.0.1:44056] "CLUSTER" "NODES"` */
function seenIn(line: string): Seen {
  const [, at, from, words] = /^\+(\S+) \[\d+ (\S+)\] (.*)$/.exec(line)!
  const command = [...words!.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word).join(' ')
  return { at: Number(at), from: from!, command }
}

/** When keys were unlinked, by the token of the connection. */
function unlinked(seen: readonly Seen[], id: string): { token: number; at: number }[] {
  const tokens = new Map<string, number>()
  return seen.flatMap(({ at, from, command }) => {
    const name = new RegExp(`^client setname slotwise/${id}/(\\d+)$`, 'i').exec(command)
    if (name) tokens.set(from, Number(name[1]))
    const isOurs = /^evalsha /i.test(command) && command.includes(UNLINKS.sha)
    return isOurs ? [{ token: tokens.get(from) ?? NaN, at }] : []
  })
}

/** What a step of the clock of the log's server does: the first owner's lease is over, and nobody has told it. */
const EXPIRE = `local name, token, owner = ARGV[1], string.match(redis.call('HGET', KEYS[1], ARGV[1]), '^(%d+) %d+ (.*)$')
if token == '1' then redis.call('HSET', KEYS[1], name, '1 1 ' .. owner) end`

/** Starts a warmup that takes its time, and resolves when it writes. */
async function begun(process: Process): Promise<string> {
  const plan = await process.api.plan(warmup(20), 'demo', 'warmup')
  expect(plan).toMatchObject({ state: 'ready' })
  expect((await process.api.run(plan)).status).toBe(202)
  await shows(process, plan.id, ({ counts }) => (counts?.written ?? 0) > 0, 'the first keys')
  return plan.id
}

const faster = async ({ api }: Process, id: string) => {
  const { status } = await api.ask('PATCH', `/operations/${id}`, { rate: { keysPerSecond: 100_000 } })
  expect(status).toBe(200)
}

describe('several operators on one log', () => {
  let first: Process
  beforeAll(async () => {
    first = await serve()
    started.length = 0
  })
  afterAll(() => first.exporter.stop())

  it('who was stopped in the middle of each kind and wakes up when all is over writes nothing', async () => {
    await fill(target.nodes, 5000, 10, 'o')
    await fill(target.nodes, 3000, 10, 'e')
    const api = await serve('control')
    const samples = await first.api.plan({ samples: 7 }, 'other')
    const eviction = await first.api.plan(evictKeys, 'demo', 'evict-keys')
    // A change of the policy has a middle where it is paused before anybody has it.
    first.exporter.child.signal('SIGSTOP')
    expect((await api.api.run(samples, { confirm: 'other' })).status).toBe(202)
    expect((await api.api.ask('POST', `/operations/${samples.id}/pause`, { reason: 'lunch' })).status).toBe(
      202,
    )
    first.exporter.child.signal('SIGCONT')
    await until(async () => (await log.cli('HGET', LEASES, `operation/${samples.id}`)) !== '', {
      timeoutMs: 40_000,
      what: 'the first to have the change of the policy',
    })
    expect((await first.api.run(eviction)).status).toBe(202)
    await shows(first, eviction.id, ({ counts }) => (counts?.evicted ?? 0) > 0, 'the first keys to go')
    const ids = [await begun(first), eviction.id, samples.id]

    first.exporter.child.signal('SIGSTOP')
    expect((await api.api.ask('POST', `/operations/${samples.id}/resume`, {})).status).toBe(202)
    await serve('operator')
    for (const id of ids)
      await shows(api, id, (operation) => takenUp(operation) === 1, 'another to take over')
    for (const id of [ids[0]!, eviction.id]) await faster(api, id)
    for (const id of ids) expect(await api.api.end(id)).toMatchObject({ state: 'succeeded' })
    expect(await single.nodes[0]!.cli('CONFIG', 'GET', 'maxmemory-samples')).toBe('maxmemory-samples\n7')
    const told = () => Promise.all(ids.map((id) => events(api, `stream=operation/${id}`)))
    const before = await told()

    // What a late write would take away, overwrite or add to.
    await flush(target.nodes)
    await fill(target.nodes, 300, 10, 'e')
    await single.nodes[0]!.cli('CONFIG', 'SET', 'maxmemory-samples', '9')
    const kept = await contentOf(target.nodes)
    const watched = await Promise.all([...target.nodes, ...single.nodes].map(watch))
    first.exporter.child.signal('SIGCONT')
    for (const id of ids)
      await shows(first, id, ({ endedAt }) => endedAt !== undefined, 'the first to notice the end')
    expect((await first.exporter.get('/metrics')).status).toBe(200)
    for (const seen of watched)
      expect((await seen()).filter(({ command }) => WRITES.test(command))).toEqual([])
    for (const id of ids) expect(await tokensOf(id)).toEqual(new Set())
    expect(await contentOf(target.nodes)).toEqual(kept)
    expect(await single.nodes[0]!.cli('CONFIG', 'GET', 'maxmemory-samples')).toBe('maxmemory-samples\n9')
    expect(await told()).toEqual(before)
  })

  it('one goes on where the other was stopped, at once where it is ended, and who wakes up writes nothing', async () => {
    const id = await begun(first)
    expect(await tokensOf(id)).toEqual(new Set(['1']))
    const second = await serve()
    first.exporter.child.signal('SIGSTOP')
    const before = (await second.operation(id)).counts?.written ?? 0
    await shows(second, id, (operation) => takenUp(operation) === 1, 'the second to take over')
    await shows(second, id, ({ counts }) => (counts?.written ?? 0) > before, 'it to write')
    expect(await tokensOf(id)).toEqual(new Set(['2']))

    first.exporter.child.signal('SIGCONT')
    await shows(first, id, (operation) => takenUp(operation) === 1, 'the first to notice')
    const seen = await first.operation(id)
    await shows(first, id, ({ counts }) => counts!.written! > seen.counts!.written!, 'it to follow on')
    expect(await tokensOf(id)).toEqual(new Set(['2']))

    await second.exporter.stop()
    await shows(first, id, (operation) => takenUp(operation) === 2, 'the first to take over')
    await faster(first, id)
    const { state, comparison, counts } = await first.api.end(id)
    expect(state).toBe('succeeded')
    expect(comparison).toMatchObject({ different: 0, missing: 0 })
    expect(counts!.written! + counts!.existing!).toBe(KEYS)
    expect(differences(await contentOf([source]), await contentOf(target.nodes))).toEqual([])
    expect((await first.api.get('/events/verify')).body).toMatchObject({ ok: true })
  })

  it('whose lease a step of the clock ends unlinks nothing once another does, though it believes in it', async () => {
    await fill(target.nodes, 3000, 10, 'e')
    await fill(target.nodes, 5000, 10, 'o')
    const watched = await Promise.all(target.nodes.map(watch))
    const { id, ...plan } = await first.api.plan(evictKeys, 'demo', 'evict-keys')
    expect((await first.api.run({ id, ...plan })).status).toBe(202)
    await shows(first, id, ({ counts }) => (counts?.evicted ?? 0) > 0, 'the first keys to go')
    const second = await serve()
    const taken = async () => {
      // Again and again: the first renews it, too.
      await log.cli('EVAL', EXPIRE, '1', LEASES, `operation/${id}`)
      return takenUp(await second.operation(id)) === 1
    }
    await until(taken, { timeoutMs: 60_000, what: 'the second to take over' })
    await faster(second, id)
    const { counts } = await second.api.end(id)
    const seen = (await Promise.all(watched.map(async (told) => unlinked(await told(), id)))).flat()
    const of = (is: (token: number) => boolean) => seen.filter(({ token }) => is(token)).map(({ at }) => at)
    const [own, others] = [of((token) => token === 1), of((token) => token > 1)]
    expect(own.length).toBeGreaterThan(0)
    expect(others.length).toBeGreaterThan(0)
    expect(own.length + others.length).toBe(seen.length)
    expect(Math.max(...own)).toBeLessThan(Math.min(...others))
    const left = [...(await contentOf(target.nodes)).keys()].map((hex) => Buffer.from(hex, 'hex').toString())
    expect(left.filter((key) => key.startsWith('o:'))).toHaveLength(5000)
    expect(left).toHaveLength(5000)
    expect(counts!.evicted).toBeLessThanOrEqual(3000)
    expect(counts!.evicted! + (counts!.unknown ?? 0)).toBeGreaterThanOrEqual(3000)
  })
})

describe('services apart', () => {
  beforeEach(() => log.cli('FLUSHALL'))

  it('an API and an operator are one to whoever asks', async () => {
    const [api, operator] = await Promise.all([serve('control,alerting'), serve('operator')])
    const id = await begun(api)
    expect((await api.api.ask('POST', `/operations/${id}/pause`, { reason: 'lunch' })).status).toBe(202)
    await shows(api, id, ({ state }) => state === 'paused', 'the pause')
    expect((await api.api.ask('PUT', '/freeze', { on: true, reason: 'incident' })).status).toBe(200)
    expect((await api.api.ask('PUT', '/freeze', { on: false, reason: 'over' })).status).toBe(200)
    expect((await api.api.ask('POST', `/operations/${id}/resume`, { reason: 'back' })).status).toBe(202)
    await faster(api, id)
    expect((await api.api.end(id)).state).toBe('succeeded')

    await expect(operator.api.get('/clusters')).rejects.toThrow()
    for (const { exporter } of [api, operator]) {
      const metrics = await exporter.get('/metrics')
      expect(metrics.status).toBe(200)
      expect(metrics.body).toContain('slotwise_build_info')
      expect(metrics.body).not.toContain('redis_up{')
      expect((await exporter.get('/sd')).status).toBe(404)
    }
  })

  it('two observers tell once what they see, and the other tells on when one has gone', async () => {
    const observers = await Promise.all([serve(), serve()])
    const told = () => events(observers[1], 'cluster=demo&stream=cluster/demo')
    const [primary] = target.nodes
    const judged = async (ok: boolean) =>
      (await told()).some(
        ({ type, data }) =>
          type === 'health.changed' &&
          (data as { check: string }).check === 'nodes_reachable' &&
          (data as { ok: boolean }).ok === ok,
      )
    await until(() => judged(true), { timeoutMs: 40_000, what: 'the first verdicts' })
    await observers[0].exporter.child.stop({ signal: 'SIGKILL' })
    primary!.signal('SIGSTOP')
    try {
      await until(() => judged(false), { timeoutMs: 60_000, what: 'the other to tell' })
    } finally {
      primary!.signal('SIGCONT')
    }
    const all = await told()
    expect(all.filter(({ type }) => type === 'cluster.discovered')).toHaveLength(1)
    const verdicts = all
      .filter(({ type }) => type === 'health.changed')
      .map(({ data }) => data as { check: string; ok: boolean })
    for (const check of new Set(verdicts.map((verdict) => verdict.check))) {
      const own = verdicts.filter((verdict) => verdict.check === check).map(({ ok }) => ok)
      expect(own.every((ok, i) => i === 0 || ok !== own[i - 1])).toBe(true)
    }
  })
})
