import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startExporter, type ControlledExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import { ControlApi, writeTokens } from '../control-api.js'
import { fill } from '../warmup.js'

/** The program as it is run, and killed. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-evict-kill-'))
const tokensFile = join(dir, 'tokens.yml')
const [KEYS, CAP, KILLS] = [4000, 2500, 3]
let redis: RedisCluster
let ports: number[]
let api: ControlApi
let exporter: ControlledExporter | undefined

beforeAll(async () => {
  ports = await freePorts(2)
  redis = await startCluster({ ports: await freePorts(3, { bus: true }), replicas: 0, dir })
  const tokens = writeTokens(tokensFile, [
    { id: 'root', scopes: ['read', 'plan', 'run', 'evict', 'override'], delegated: false },
  ])
  api = new ControlApi(`http://127.0.0.1:${ports[1]}`, tokens.root)
})
afterAll(async () => {
  await Promise.all([exporter?.stop(), redis.stop()])
  rmSync(dir, { recursive: true, force: true })
})

const serve = async () => {
  exporter = await startExporter({
    port: ports[0]!,
    args: ['--cluster.name=demo', `--redis.addr=redis://${redis.nodes[0]!.address}`],
    control: { port: ports[1]!, dir: join(dir, 'events'), tokensFile },
  })
  await until(async () => (await api.get('/clusters')).status === 200, { timeoutMs: 20_000, what: 'the API' })
}
const operation = async (id: string) => (await api.get(`/operations/${id}`)).body as unknown as Operation
const left = async (prefix: string) => {
  const found = await Promise.all(redis.nodes.map((node) => node.cli('--scan', '--pattern', `${prefix}*`)))
  return new Set(found.flatMap((keys) => keys.split('\n')).filter((key) => key !== '')).size
}

it('keeps its cap, touches nothing else, and goes on, however often its process is killed', async () => {
  await fill(redis.nodes, KEYS)
  await fill(redis.nodes, 500, 10, 'other')
  await serve()
  const spec = { match: 'k:*', limits: { keys: CAP }, rate: { keysPerSecond: 20 } }
  const plan = await api.plan(spec, 'demo', 'evict-keys')
  expect(plan).toMatchObject({ state: 'ready', counts: { keys: CAP, total: KEYS + 500 } })
  const { hash } = plan as unknown as { hash: string }
  const body = { confirm: 'demo', hash, reason: 'a test', override: ['share-of-keys'] }
  expect((await api.ask('POST', `/plans/${plan.id}/run`, body)).status).toBe(202)

  // Slow until the last kill, so that on a machine of any speed there is a middle.
  for (let kill = 0, before = KEYS; kill < KILLS; kill++) {
    const goesOn = async () => {
      const now = await left('k:')
      return now < before - 10 && (await operation(plan.id)).endedAt === undefined
    }
    await until(goesOn, { timeoutMs: 30_000, what: 'some keys to go' })
    await exporter!.child.stop({ signal: 'SIGKILL' })
    before = await left('k:')
    await serve()
  }
  const faster = await api.ask('PATCH', `/operations/${plan.id}`, { rate: { keysPerSecond: 1_000_000 } })
  expect(faster.status).toBe(200)
  const { state, summary, counts, comparison } = await api.end(plan.id)
  const gone = KEYS - (await left('k:'))
  // What a kill left reserved is lost to the run: never more than a twentieth of the cap. It is told as not known.
  expect(gone).toBeLessThanOrEqual(CAP)
  expect(gone).toBeGreaterThanOrEqual(CAP - (KILLS * CAP) / 20)
  const { evicted = 0, unknown = 0 } = counts!
  expect(evicted).toBeLessThanOrEqual(gone)
  expect(evicted + unknown).toBe(CAP)
  expect(state).toBe('needs-attention')
  expect(summary).toMatch(
    /^the cap is used up by reservations: at least [\d,]+ keys unlinked .* at most 2,500: /,
  )
  expect(await left('other:')).toBe(500)
  expect(comparison).toMatchObject({ missing: 0 })
  expect((await api.get('/events/verify')).body).toMatchObject({ ok: true, problems: [] })
})
