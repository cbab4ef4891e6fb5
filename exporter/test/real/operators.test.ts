import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
import { ControlApi, writeTokens } from '../control-api.js'
import { contentOf, differences, fill, flush } from '../warmup.js'

/** Several processes of the program on one event log, which is a Redis of its own. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-operators-'))
const [tokensFile, configFile] = [join(dir, 'tokens.yml'), join(dir, 'slotwise.yml')]
const KEYS = 6000
let target: RedisCluster
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
  const ports = await freePorts(5, { bus: true })
  ;[target, source, log] = await Promise.all([
    startCluster({ ports: ports.slice(0, 3), replicas: 0, dir }),
    startNode({ port: ports[3]!, dir }),
    startNode({ port: ports[4]!, dir, config: { appendonly: 'yes', appendfsync: 'always' } }),
  ])
  token = writeTokens(tokensFile, [
    { id: 'root', scopes: ['read', 'plan', 'run', 'warmup', 'policy', 'admin'], delegated: false },
  ]).root!
  writeFileSync(
    configFile,
    stringify({
      clusters: [{ name: 'demo', seeds: [`redis://${target.nodes[0]!.address}`] }],
      warmup: { sources: [{ name: 'old', seeds: [`redis://${source.address}`] }] },
    }),
  )
  await fill([source], KEYS)
})
afterAll(async () => {
  await Promise.all([target.stop(), source.stop(), log.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  await flush(target.nodes)
  await log.cli('FLUSHALL')
})
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
  it('one goes on where the other was stopped or killed, and who wakes up writes nothing', async () => {
    const first = await serve()
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

    await second.exporter.child.stop({ signal: 'SIGKILL' })
    await shows(first, id, (operation) => takenUp(operation) === 2, 'the first to take over')
    await faster(first, id)
    const { state, comparison, counts } = await first.api.end(id)
    expect(state).toBe('succeeded')
    expect(comparison).toMatchObject({ different: 0, missing: 0 })
    expect(counts!.written! + counts!.existing!).toBe(KEYS)
    expect(differences(await contentOf([source]), await contentOf(target.nodes))).toEqual([])
    expect((await first.api.get('/events/verify')).body).toMatchObject({ ok: true })
  })

  it('who was stopped and wakes up when all is over writes not one key', async () => {
    const first = await serve()
    const id = await begun(first)
    const second = await serve()
    first.exporter.child.signal('SIGSTOP')
    await shows(second, id, (operation) => takenUp(operation) === 1, 'the second to take over')
    await faster(second, id)
    expect((await second.api.end(id)).state).toBe('succeeded')
    const told = await events(second, `stream=operation/${id}`)
    await flush(target.nodes)

    first.exporter.child.signal('SIGCONT')
    await shows(first, id, ({ endedAt }) => endedAt !== undefined, 'the first to notice the end')
    expect((await first.exporter.get('/metrics')).status).toBe(200)
    expect(await tokensOf(id)).toEqual(new Set())
    expect((await contentOf(target.nodes)).size).toBe(0)
    expect(await events(first, `stream=operation/${id}`)).toEqual(told)
  })

  it('one goes on at once when the other is ended', async () => {
    const first = await serve()
    const id = await begun(first)
    const second = await serve()
    await first.exporter.stop()
    await shows(second, id, (operation) => takenUp(operation) === 1, 'the second to take over')
    await faster(second, id)
    expect((await second.api.end(id)).state).toBe('succeeded')
  })
})

describe('services apart', () => {
  it('an API and an operator are one to whoever asks', async () => {
    const [api, operator] = [await serve('control,alerting'), await serve('operator')]
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
    const observers = [await serve(), await serve()]
    const told = () => events(observers[1]!, 'cluster=demo&stream=cluster/demo')
    const [primary] = target.nodes
    const judged = async (ok: boolean) =>
      (await told()).some(
        ({ type, data }) =>
          type === 'health.changed' &&
          (data as { check: string }).check === 'nodes_reachable' &&
          (data as { ok: boolean }).ok === ok,
      )
    await until(() => judged(true), { timeoutMs: 40_000, what: 'the first verdicts' })
    await observers[0]!.exporter.child.stop({ signal: 'SIGKILL' })
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
