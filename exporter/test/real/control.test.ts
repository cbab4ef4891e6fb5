import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { endpoints, type Endpoint } from '../../src/contract/endpoints.js'
import type { Operation, Plan } from '../../src/contract/operations.js'
import { ControlApi, writeTokens } from '../control-api.js'

/** The program as it is run: `slotwise serve` with its control API and its SQLite log, on a real cluster. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-control-'))
const tokensFile = join(dir, 'tokens.yml')
let redis: RedisCluster
let tokens: Record<string, string>
let exporterPort: number
let controlPort: number

beforeAll(async () => {
  redis = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
  ;[exporterPort, controlPort] = (await freePorts(2)) as [number, number]
  const all = { delegated: false } as const
  tokens = writeTokens(tokensFile, [
    { id: 'root', scopes: ['read', 'plan', 'run', 'admin', 'policy', 'alerts'], ...all },
    { id: 'reader', scopes: ['read'], ...all },
    { id: 'planner', scopes: ['read', 'plan', 'policy'], ...all },
    { id: 'unkind', scopes: ['read', 'plan', 'run'], ...all },
    { id: 'stranger', scopes: ['read', 'plan', 'run', 'policy'], clusters: ['other'], ...all },
  ])
})
afterAll(async () => {
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
})

const serve = (
  folder: string,
  ports: readonly [number, number] = [exporterPort, controlPort],
  more: string[] = [],
): Promise<Exporter> =>
  startExporter({
    port: ports[0],
    args: [
      '--cluster.name=demo',
      `--redis.addr=redis://${redis.nodes[0]!.address}`,
      '--discovery.interval=500ms',
      `--events.url=file:${join(folder, 'slotwise.db')}`,
      `--control.listen-address=127.0.0.1:${ports[1]}`,
      `--control.tokens-file=${tokensFile}`,
      ...more,
    ],
  })
const api = (id?: string) =>
  new ControlApi(`http://127.0.0.1:${controlPort}`, id === undefined ? undefined : tokens[id])
/** Waits for the control API; says what the exporter said when it does not come. */
const answers = (exporter: Exporter) =>
  until(async () => (await api('root').get('/clusters')).status === 200, {
    timeoutMs: 40_000,
    what: 'the control API to answer',
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${exporter.child.tail(30)}`, { cause: error })
  })
const policies = () =>
  Promise.all(
    redis.nodes.map(async (node) => (await node.cli('CONFIG', 'GET', 'maxmemory-policy')).split('\n')[1]!),
  )
const all = (policy: string) => Array<string>(6).fill(policy)
const code = (body: Record<string, unknown>) => String(body.type).replace('urn:slotwise:problem:', '')
const other = async () => ((await policies())[0] === 'allkeys-lru' ? 'allkeys-lfu' : 'allkeys-lru')

describe('the control API', () => {
  const folder = mkdtempSync(join(dir, 'api-'))
  let exporter: Exporter

  beforeAll(async () => {
    exporter = await serve(folder)
    await answers(exporter)
  })
  afterAll(() => exporter.stop())

  it('changes a policy on six nodes: plan, run, read back', async () => {
    const policy = await other()
    const plan = await api('root').plan({ policy })
    expect(plan.changes).toHaveLength(6)
    expect((await api('root').run(plan)).status).toBe(202)
    expect(await api('root').end(plan.id)).toMatchObject({
      state: 'succeeded',
      progress: { done: 6, total: 6 },
    })
    expect(await policies()).toEqual(all(policy))
    expect((await api('reader').get('/clusters/demo/eviction')).body).toMatchObject({
      effective: { policy },
      drift: [],
    })
  })

  it('refuses what it should, as documented, and touches nothing', async () => {
    const before = await policies()
    const plan = await api('root').plan({ policy: await other() })
    const refused = async (id: string | undefined, more: object = {}, headers = {}) => {
      const { status, body } = await api(id).run(plan, more, headers)
      return [status, code(body)]
    }
    expect(await refused('root', { confirm: 'Demo' })).toEqual([400, 'wrong-confirm'])
    expect(await refused('root', { hash: 'x' })).toEqual([409, 'wrong-hash'])
    expect(await refused('root', { reason: ' ' })).toEqual([400, 'invalid-body'])
    expect(await refused('root', { force: true })).toEqual([400, 'invalid-body'])
    expect((await refused('reader'))[0]).toBe(403)
    expect((await refused('planner'))[0]).toBe(403)
    expect((await refused('unkind'))[0]).toBe(403)
    expect((await refused('stranger'))[0]).toBe(404)
    expect((await refused(undefined))[0]).toBe(401)
    expect(
      (await api('reader').ask('POST', '/clusters/demo/plans', { kind: 'eviction-policy', spec: {} })).status,
    ).toBe(403)
    expect((await api('stranger').get('/clusters')).body).toEqual({ clusters: [] })
    expect((await api('stranger').get('/clusters/demo')).status).toBe(404)
    expect(await policies()).toEqual(before)
  })

  it('runs a plan once, and a replayed key gives the first answer', async () => {
    const plan = await api('root').plan({ policy: await other() })
    const key = { 'idempotency-key': 'once' }
    expect((await api('root').run(plan, {}, key)).status).toBe(202)
    await api('root').end(plan.id)
    expect((await api('root').run(plan, {}, key)).body).toMatchObject({ id: plan.id, state: 'succeeded' })
    const again = await api('root').run(plan)
    expect([again.status, code(again.body)]).toEqual([409, 'already-run'])
    const another = await api('root').plan({ policy: await other() })
    expect((await api('root').run(another, {}, key)).status).toBe(409)
  })

  it('answers a stale plan with the difference and a fresh plan', async () => {
    const [policy, before] = [await other(), (await policies())[0]!]
    const plan = await api('root').plan({ policy })
    await redis.nodes[3]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
    const { status, body } = await api('root').run(plan)
    expect([status, code(body)]).toEqual([409, 'stale'])
    expect(body.difference).toContain(`${redis.nodes[3]!.address}: maxmemory-policy is volatile-ttl`)
    expect((body.freshPlan as Plan).state).toBe('ready')
    expect((await policies()).filter((now) => now === before)).toHaveLength(5)
    await api('root').run(body.freshPlan as Plan)
    expect((await api('root').end((body.freshPlan as Plan).id)).state).toBe('succeeded')
    expect(await policies()).toEqual(all(policy))
  })

  it.each([
    '/api/v1/../v1/clusters',
    '/api/v1/clusters/%2e%2e/demo',
    '/api/v1//clusters',
    '/api%2fv1/clusters',
    '/api/v1/clusters%5cdemo',
  ])('refuses the path %s before it routes', async (path) => {
    const status = await new Promise<number>((resolve, reject) => {
      request(
        { host: '127.0.0.1', port: controlPort, path, headers: { authorization: `Bearer ${tokens.root}` } },
        (response) => {
          response.resume()
          resolve(response.statusCode!)
        },
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(400)
  })

  it('stops everything at a freeze', async () => {
    const plan = await api('root').plan({ policy: await other() })
    expect((await api('planner').ask('PUT', '/freeze', { on: true, reason: 'x' })).status).toBe(403)
    expect((await api('root').ask('PUT', '/freeze', { on: true, reason: 'incident 7' })).body).toMatchObject({
      on: true,
      by: { token: 'root' },
    })
    const { status, body } = await api('root').run(plan)
    expect([status, code(body)]).toEqual([409, 'frozen'])
    await api('root').ask('PUT', '/freeze', { on: false, reason: 'over' })
    expect((await api('root').run(plan)).status).toBe(202)
    await api('root').end(plan.id)
  })

  it('answers every GET as the contract says', async () => {
    const { body } = await api('root').get('/operations')
    const { id } = (body.operations as Operation[])[0]!
    const alert = { status: 'firing', startsAt: new Date().toISOString(), fingerprint: 'a1' }
    const labels = { alertname: 'RedisNodeDown', redis_cluster: 'demo', instance: redis.nodes[0]!.address }
    const told = await api('root').ask('POST', '/alerts', { version: '4', alerts: [{ ...alert, labels }] })
    expect(told).toEqual({ status: 200, body: { recorded: 1, repeated: 0, ignored: 0 } })
    const gets = Object.values<Endpoint>(endpoints).filter(({ method, answer }) => method === 'get' && answer)
    for (const { path } of gets) {
      // `get` throws where the answer does not fit its schema.
      const { status } = await api('root').get(path.replace('{cluster}', 'demo').replace('{id}', id))
      expect(status, path).toBe(200)
    }
    expect((await api('root').get('/alerts')).body).toMatchObject({ alerts: [{ cluster: 'demo' }] })
  })

  it('tells what discovery and health see', async () => {
    const types = async () => {
      const { body } = await api('reader').get('/events?cluster=demo&limit=1000')
      return (body.events as { type: string; data: { check?: string; ok?: boolean } }[]).map(
        ({ type, data }) => `${type} ${data.check ?? ''} ${data.ok ?? ''}`.trim(),
      )
    }
    const told = async () => (await types()).filter((type) => type.startsWith('io.slotwise.cluster.'))
    await until(async () => (await told()).length > 0, { timeoutMs: 40_000, what: 'the cluster in the log' })
    expect(await told()).toEqual(['io.slotwise.cluster.discovered'])
    const node = redis.nodes[5]!
    await node.stop()
    await until(async () => (await types()).includes('io.slotwise.cluster.node-changed'), {
      timeoutMs: 40_000,
      what: 'the failure in the log',
    })
    await until(async () => (await types()).includes('io.slotwise.health.changed nodes_reachable false'), {
      timeoutMs: 60_000,
      what: 'the verdict in the log',
    })
    expect((await api('reader').get('/clusters/demo/health')).body.verdict).toBe('unhealthy')
    await node.start()
    await until(async () => (await api('reader').get('/clusters/demo/health')).body.verdict === 'healthy', {
      timeoutMs: 60_000,
      what: 'the cluster to be well',
    })
  })

  it('lets no token into a log, an event or a metric', async () => {
    const shown = [
      exporter.child.tail(10_000),
      JSON.stringify((await api('root').get('/events?limit=1000')).body),
      (await exporter.get('/metrics')).body,
      ...readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')),
    ].join('\n')
    expect(Object.values(tokens).filter((token) => shown.includes(token))).toEqual([])
  })

  it('verifies its chains, and a log that was shortened misses its anchor', async () => {
    const policy = await other()
    const plan = await api('root').plan({ policy })
    await api('root').run(plan)
    await api('root').end(plan.id)
    await exporter.stop() // appends a digest at its end
    const path = join(folder, 'slotwise.db')
    copyFileSync(path, join(folder, 'whole.db'))
    exporter = await serve(folder)
    await answers(exporter)
    const denied = (await api('root').get('/events?type=access.denied')).body.events as { data: object }[]
    expect(denied.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ status: 403, token: 'reader' }) as object,
    )
    const { anchor } = (await api('root').get('/events/verify')).body
    expect(anchor).toMatch(/^[0-9a-f]{64}$/)
    expect((await api('root').get(`/events/verify?anchor=${String(anchor)}`)).body).toMatchObject({
      ok: true,
      problems: [],
    })
    await exporter.stop()

    const db = new Database(path)
    const table = (
      db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%previoushash%'")
        .get() as { name: string }
    ).name
    db.exec(`DELETE FROM ${table} WHERE rowid > (SELECT max(rowid) - 12 FROM ${table})`)
    db.close()
    exporter = await serve(folder)
    await answers(exporter)
    expect((await api('root').get(`/events/verify?anchor=${String(anchor)}`)).body).toMatchObject({
      ok: false,
    })
  })
})

describe('a cluster of which no node answers', () => {
  it('is told as unhealthy, with what is left to be seen', async () => {
    const exporter = await serve(mkdtempSync(join(dir, 'dead-')))
    const verdict = async () => (await api('root').get('/clusters/demo')).body.verdict
    try {
      await answers(exporter)
      await until(async () => (await verdict()) === 'healthy', {
        timeoutMs: 60_000,
        what: 'the cluster to be well',
      })
      for (const node of redis.nodes) node.signal('SIGSTOP')
      await until(async () => (await verdict()) === 'unhealthy', { timeoutMs: 60_000, what: 'the verdict' })
      expect((await exporter.get('/metrics/fleet')).body).toMatch(
        /slotwise_cluster_slots_covered\{[^}]*\} 0\n/,
      )
    } finally {
      for (const node of redis.nodes) node.signal('SIGCONT')
      await exporter.stop()
    }
    await until(
      async () =>
        (await Promise.all(redis.nodes.map((node) => node.cli('CLUSTER', 'INFO')))).every((info) =>
          info.includes('cluster_state:ok'),
        ),
      {
        timeoutMs: 60_000,
        what: 'the cluster to find itself again',
      },
    )
  })
})

describe('a control port that is taken', () => {
  it('ends the program with one clear line', async () => {
    const first = await serve(mkdtempSync(join(dir, 'taken-')))
    try {
      await answers(first)
      const [port] = await freePorts(1)
      const late = await serve(mkdtempSync(join(dir, 'late-')), [port!, controlPort])
      expect((await late.child.exited).code).toBe(2)
      expect(late.child.tail()).toMatch(
        /slotwise: --control\.listen-address \S+: the port is taken by another process/,
      )
    } finally {
      await first.stop()
    }
  })
})

describe('kill -9 at any moment of a run', () => {
  it('loses nothing and leaves no node other than the operation says', { timeout: 240_000 }, async () => {
    const folder = mkdtempSync(join(dir, 'kill-'))
    let exporter = await serve(folder)
    try {
      await answers(exporter)
      for (let round = 0; round < 12; round++) {
        const policy = await other()
        const plan = await api('root').plan({ policy })
        const running = api('root')
          .run(plan)
          .catch(() => undefined)
        // From before the request is durable to after the end: a run takes about 40 ms here.
        const moment = performance.now() + round * 4
        while (performance.now() < moment) await new Promise(setImmediate)
        await exporter.child.stop({ signal: 'SIGKILL' })
        await running
        exporter = await serve(folder)
        await answers(exporter)
        const { status, body } = await api('root').get(`/operations/${plan.id}`)
        if (status === 404) {
          expect(await policies(), 'never requested, so nothing may have been touched').not.toContain(policy)
          continue
        }
        const operation =
          (body as unknown as Operation).endedAt === undefined
            ? await api('root').end(plan.id)
            : (body as unknown as Operation)
        expect(operation).toMatchObject({ state: 'succeeded' })
        expect(await policies()).toEqual(all(policy))
      }
      // No process lived until its first minute was over: each begins with one.
      const { events } = (await api('root').get('/events?type=log.digest')).body
      expect((events as unknown[]).length).toBeGreaterThan(0)
      expect((await api('root').get('/events/verify')).body).toMatchObject({ ok: true, problems: [] })
    } finally {
      await exporter.stop()
    }
  })
})

describe('one log', () => {
  it('belongs to one process: a second says so in one line, scrapes all the same, and takes over when it is free', async () => {
    const folder = mkdtempSync(join(dir, 'two-'))
    const first = await serve(folder)
    await answers(first)
    const ports = (await freePorts(2)) as [number, number]
    const second = await serve(folder, ports)
    try {
      await until(() => second.child.tail().includes('no control API'), {
        timeoutMs: 40_000,
        what: 'the line',
      })
      const lines = second.child
        .tail()
        .split('\n')
        .filter((line) => line.includes('no control API'))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(join(folder, 'slotwise.db'))
      expect((await second.get('/metrics')).body).toContain('slotwise_events_log_up 0')
      const found = async () => (await second.get('/sd')).status === 200
      await until(found, { timeoutMs: 40_000, what: 'the first reading' })
      await first.stop()
      const later = new ControlApi(`http://127.0.0.1:${ports[1]}`, tokens.root)
      await until(async () => (await later.get('/clusters')).status === 200, {
        timeoutMs: 40_000,
        what: 'the second to take over',
      })
      expect((await later.get('/events/verify')).body).toMatchObject({ ok: true })
    } finally {
      await first.stop()
      await second.stop()
    }
  })
})

describe('a disk that takes no more', () => {
  it('refuses clearly, writes nothing by halves, scrapes on, and works again when there is room', async () => {
    const folder = mkdtempSync(join(dir, 'full-'))
    const exporter = await serve(folder)
    /** How large a file of the exporter may become: a limit of the kernel that needs no disk of its own. */
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', [`--pid=${exporter.child.pid}`, `--fsize=${bytes}:unlimited`])
    try {
      await answers(exporter)
      const plan = await api('root').plan({ policy: await other() })
      const before = await policies()
      const largest = Math.max(...readdirSync(folder).map((file) => statSync(join(folder, file)).size))
      limit(largest + 16_384)
      const refusal = await until(
        async () => {
          const { status, body } = await api('root').ask('POST', '/clusters/demo/plans', {
            kind: 'eviction-policy',
            spec: { policy: 'noeviction', samples: 9 },
          })
          return status === 503 ? body : undefined
        },
        { timeoutMs: 60_000, what: 'the log to be full', intervalMs: 1 },
      )
      expect(code(refusal)).toBe('log-unavailable')
      expect(refusal.detail).toMatch(/full|space|large|limit/)
      const run = await api('root').run(plan)
      expect([run.status, code(run.body)]).toEqual([503, 'log-unavailable'])
      expect(await policies()).toEqual(before)
      expect((await exporter.get('/metrics')).body).toMatch(/redis_up\{[^}]*\} 1/)

      limit('unlimited')
      await until(async () => (await api('root').run(plan)).status === 202, {
        timeoutMs: 40_000,
        what: 'the run to be accepted',
      })
      expect((await api('root').end(plan.id)).state).toBe('succeeded')
      expect((await api('root').get('/events/verify')).body).toMatchObject({ ok: true, problems: [] })
    } finally {
      await exporter.stop()
    }
  })
})
