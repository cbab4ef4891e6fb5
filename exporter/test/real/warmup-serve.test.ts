import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { slotwiseProgram, startExporter, type ControlledExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { massInsert, type Command } from '../../../stack/src/start/mass-insert.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import { ControlApi, writeTokens } from '../control-api.js'

/** `slotwise serve` with two clusters, commanded over its API and by its command line. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-serve-'))
const files = join(dir, 'files')
const configFile = join(dir, 'slotwise.yml')
const tokensFile = join(dir, 'tokens.yml')
const KEYS = 20_000

let full: RedisCluster
let cold: RedisCluster
let tokens: Record<string, string>
let ports: readonly [number, number]
let exporter: ControlledExporter

beforeAll(async () => {
  const free = await freePorts(6, { bus: true })
  ;[full, cold] = await Promise.all([
    startCluster({ ports: free.slice(0, 3), replicas: 0, dir: join(dir, 'full') }),
    startCluster({ ports: free.slice(3), replicas: 0, dir: join(dir, 'cold') }),
  ])
  await massInsert(
    full.nodes.map(({ port }) => port),
    keys(),
  )
  mkdirSync(files)
  writeFileSync(join(files, 'seed.jsonl'), '{"key":"f:1","type":"string","value":"v","ttl":1000}\n')
  const seeds = (cluster: RedisCluster) => [`redis://${cluster.nodes[0]!.address}`]
  const clusters = [
    { name: 'demo', seeds: seeds(cold) },
    { name: 'full', seeds: seeds(full) },
  ]
  const sources = [{ name: 'alias', seeds: seeds(full) }]
  writeFileSync(configFile, stringify({ clusters, warmup: { dir: files, sources } }))
  const scopes = ['read', 'plan', 'run', 'warmup'] as const
  tokens = writeTokens(tokensFile, [
    { id: 'root', scopes: [...scopes, 'policy'], delegated: false },
    { id: 'a-only', scopes: [...scopes], keyPrefixes: ['a:'], delegated: false },
    { id: 'demo-only', scopes: [...scopes], clusters: ['demo'], delegated: false },
  ])
  ports = (await freePorts(2)) as [number, number]
  await serve()
})
afterAll(async () => {
  await exporter.stop()
  await Promise.all([full.stop(), cold.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  await Promise.all(cold.nodes.map((node) => node.cli('FLUSHALL', 'SYNC')))
})

/** Half below `a:`, half below `b:`, every fourth with a TTL. */
function* keys(): Generator<Command> {
  for (let i = 0; i < KEYS; i++) {
    const key = `${i % 2 === 0 ? 'a' : 'b'}:${i}`
    yield i % 3 === 0 ? ['HSET', key, 'n', i] : ['SET', key, `value ${i}`]
    if (i % 4 === 0) yield ['EXPIRE', key, 10_000]
  }
}

async function serve(): Promise<void> {
  exporter = await startExporter({
    port: ports[0],
    args: ['--config.file', configFile, '--cluster.name=', '--redis.addr=', '--discovery.interval=500ms'],
    control: { port: ports[1], dir: join(dir, 'events'), tokensFile },
  })
  await until(async () => (await api('root').get('/clusters/demo')).body.state === 'ok', {
    timeoutMs: 40_000,
    what: 'the first reading',
  })
}

const api = (id: string) => new ControlApi(`http://127.0.0.1:${ports[1]}`, tokens[id])
const sizeOf = async ({ nodes }: RedisCluster) =>
  (await Promise.all(nodes.map((node) => node.cli('DBSIZE')))).reduce((sum, text) => sum + Number(text), 0)
const fromFull = (more: object = {}) => ({ source: { type: 'cluster', name: 'full' }, ...more })
const operation = async (id: string) =>
  (await api('root').get(`/operations/${id}`)).body as unknown as Operation
const shows = (id: string, what: string, is: (operation: Operation) => boolean) =>
  until(async () => is(await operation(id)), { timeoutMs: 40_000, what })

async function started(spec: object, id = 'root'): Promise<string> {
  const plan = await api(id).plan(spec, 'demo', 'warmup')
  expect(plan).toMatchObject({ state: 'ready' })
  expect((await api(id).run(plan)).status).toBe(202)
  return plan.id
}

/** Runs the program; what it printed and its exit code. */
async function slotwise(...args: string[]): Promise<{ code: number; out: string }> {
  const env = { ...process.env, SLOTWISE_API: `http://127.0.0.1:${ports[1]}`, SLOTWISE_TOKEN: tokens.root! }
  const ran = promisify(execFile)(process.execPath, [slotwiseProgram, ...args], { env })
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, out: stdout + stderr }
    },
  )
}

describe('a warmup by the command line', () => {
  it('is planned, run and watched to its end', async () => {
    const planned = await slotwise('plan', 'warmup', '--cluster', 'demo', '--from-cluster', 'full', '--wait')
    expect(planned.out).toMatch(/fits/)
    const id = /^plan (\S+):/.exec(planned.out)![1]!
    const ran = await slotwise('run', id, '--confirm', 'demo', '--reason', 'a test', '--watch')
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('is succeeded') as string })
    expect(await sizeOf(cold)).toBe(KEYS)

    expect(await operation(id)).toMatchObject({
      state: 'succeeded',
      progress: { done: KEYS, total: KEYS },
      counts: { read: KEYS, written: KEYS, failed: 0 },
      comparison: { different: 0, missing: 0 },
      before: { keys: 0 },
      after: { keys: KEYS },
    })
    const { body } = await exporter.get('/metrics/fleet')
    expect(body).toMatch(
      /slotwise_operation_keys_total\{redis_cluster="demo",kind="warmup",outcome="written"\} 20000/,
    )
  })

  it('from a file below the folder', async () => {
    const planned = await slotwise(
      'plan',
      'warmup',
      '--cluster',
      'demo',
      '--from-file',
      'seed.jsonl',
      '--wait',
    )
    const id = /^plan (\S+):/.exec(planned.out)![1]!
    expect((await slotwise('run', id, '--confirm', 'demo', '--reason', 'a test', '--watch')).code).toBe(0)
    expect(await sizeOf(cold)).toBe(1)
  })
})

describe('a warmup that runs', () => {
  it('takes another rate, a pause, and goes on after a kill to a complete copy', async () => {
    const id = await started(fromFull({ rate: { keysPerSecond: 500 } }))
    await shows(id, 'keys to be copied', ({ progress }) => progress.done > 500)
    const changed = await api('root').ask('PATCH', `/operations/${id}`, { rate: { keysPerSecond: 300 } })
    expect(changed.body).toMatchObject({ rate: { keysPerSecond: 300 } })

    exporter.child.signal('SIGKILL')
    await exporter.child.exited
    const before = await sizeOf(cold)
    expect(before).toBeGreaterThan(500)
    expect(before).toBeLessThan(KEYS)
    await serve()
    expect(await operation(id)).toMatchObject({ rate: { keysPerSecond: 300 } })
    expect((await api('root').ask('POST', `/operations/${id}/pause`, {})).status).toBe(202)
    await shows(id, 'the pause', ({ state }) => state === 'paused')
    await api('root').ask('PATCH', `/operations/${id}`, { rate: { keysPerSecond: 100_000 } })
    await api('root').ask('POST', `/operations/${id}/resume`, {})
    expect(await api('root').end(id)).toMatchObject({
      state: 'succeeded',
      comparison: { different: 0, missing: 0 },
    })
    expect(await sizeOf(cold)).toBe(KEYS)
    expect((await api('root').get('/events/verify')).body).toMatchObject({ ok: true })
  })

  it('lets a change of the eviction policy pass and goes on', async () => {
    const id = await started(fromFull({ rate: { keysPerSecond: 300 } }))
    await shows(id, 'keys to be copied', ({ progress }) => progress.done > 100)
    const policy = await api('root').plan({ policy: 'allkeys-lfu' }, 'demo')
    expect((await api('root').run(policy)).status).toBe(202)
    expect((await api('root').end(policy.id)).state).toBe('succeeded')
    await api('root').ask('PATCH', `/operations/${id}`, { rate: { keysPerSecond: 100_000 } })
    expect((await api('root').end(id)).state).toBe('succeeded')
    expect(await sizeOf(cold)).toBe(KEYS)
  })
})

describe('a token', () => {
  it('with key prefixes copies what is below them and nothing else', async () => {
    const id = await started(fromFull(), 'a-only')
    expect((await api('root').end(id)).state).toBe('succeeded')
    expect(await sizeOf(cold)).toBe(KEYS / 2)
    expect(await cold.nodes[0]!.cli('--scan', '--pattern', 'b:*')).toBe('')
    const wide = await api('root').plan(fromFull(), 'demo', 'warmup')
    expect((await api('a-only').run(wide)).body.type).toBe('urn:slotwise:problem:limited-keys')
  })

  it('that is limited to clusters reads from no other, be it a source', async () => {
    for (const source of [
      fromFull().source,
      { type: 'redis', name: 'alias' },
      { type: 'redis', name: 'none' },
    ]) {
      const body = { kind: 'warmup', spec: { source } }
      const { status, body: problem } = await api('demo-only').ask('POST', '/clusters/demo/plans', body)
      expect([status, problem.type]).toEqual([400, 'urn:slotwise:problem:invalid-spec'])
    }
    const id = await started({ source: { type: 'redis', name: 'alias' } })
    expect((await api('root').end(id)).state).toBe('succeeded')
  })
})

it('a folder that is not there is an error at start', async () => {
  const ran = await slotwise('serve', '--config.file', configFile, '--warmup.dir', join(dir, 'nowhere'))
  expect(ran.code).toBe(2)
  expect(ran.out).toMatch(/--warmup\.dir: .*nowhere is no folder; make it, or leave the setting out/)
})
