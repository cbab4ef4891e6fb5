import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startExporter, type ControlledExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { ControlApi, writeTokens } from '../control-api.js'
import { startStreamsServer, type StreamsServerUnderTest } from '../streams-server.js'

/** `slotwise serve` with its log in Redis Streams, on a real cluster. */
const PASSWORD = 'geheim-1234'
const dir = mkdtempSync(join(tmpdir(), 'slotwise-streams-serve-'))
const passwordFile = join(dir, 'password')
const tokensFile = join(dir, 'tokens.yml')
const soon = { timeoutMs: 40_000 }
let redis: RedisCluster
let logServer: StreamsServerUnderTest
let token: string
const exporters: ControlledExporter[] = []

beforeAll(async () => {
  redis = await startCluster({ ports: await freePorts(3, { bus: true }), dir, replicas: 0 })
  logServer = await startStreamsServer({ password: PASSWORD })
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 })
  const scopes = ['read', 'plan', 'run', 'policy'] as const
  token = writeTokens(tokensFile, [{ id: 'ops', scopes: [...scopes], delegated: false }]).ops!
})
afterAll(async () => {
  for (const exporter of exporters) await exporter.stop()
  await logServer.remove()
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
})

const serve = async () => {
  const [port, controlPort] = (await freePorts(2)) as [number, number]
  const exporter = await startExporter({
    port,
    control: { port: controlPort, dir, tokensFile },
    args: [
      '--cluster.name=demo',
      `--redis.addr=redis://${redis.nodes[0]!.address}`,
      `--events.url=redis://${logServer.node.address}/0`,
      `--events.password-file=${passwordFile}`,
    ],
  })
  exporters.push(exporter)
  return { exporter, api: new ControlApi(exporter.controlUrl, token) }
}

it('plans and runs, knows it after kill -9, and tells it to another process', async () => {
  const first = await serve()
  const plan = await first.api.plan({ samples: 7 })
  expect((await first.api.run(plan)).status).toBe(202)
  expect(await first.api.end(plan.id)).toMatchObject({ state: 'succeeded' })
  const next = await first.api.plan({ samples: 9 })
  await first.exporter.child.stop({ signal: 'SIGKILL' })

  const [second, third] = [await serve(), await serve()]
  for (const { api } of [second, third])
    expect((await api.get(`/operations/${plan.id}`)).body).toMatchObject({ state: 'succeeded' })
  expect((await second.api.run(next)).status).toBe(202)
  const seen = await until(
    async () => {
      const { body } = await third.api.get(`/operations/${next.id}`)
      return body.state === 'succeeded' && body
    },
    { ...soon, what: 'the other process to see the end' },
  )
  expect(seen).toMatchObject({ id: next.id })
  expect((await third.api.get('/events/verify')).body).toMatchObject({ ok: true, problems: [] })
  for (const node of redis.nodes)
    expect(await node.cli('CONFIG', 'GET', 'maxmemory-samples')).toBe('maxmemory-samples\n9')
})

it('serves metrics and refuses plans while the server of the log is down, and goes on', async () => {
  const { exporter, api } = await serve()
  await logServer.node.stop('SIGKILL')
  const spec = { kind: 'eviction-policy', spec: { samples: 8 } }
  expect(await api.ask('POST', '/clusters/demo/plans', spec)).toMatchObject({
    status: 503,
    body: { detail: expect.stringMatching(/connection (refused|was closed)/) as string },
  })
  expect((await exporter.get('/metrics')).body).toContain('redis_up')
  const says = (up: number) =>
    until(async () => (await exporter.get('/metrics')).body.includes(`\nslotwise_events_log_up ${up}\n`), {
      ...soon,
      what: `slotwise_events_log_up ${up}`,
    })
  await says(0)
  await logServer.node.start()
  const plan = await until(() => api.plan({ samples: 8 }), { ...soon, what: 'a plan' })
  expect((await api.run(plan)).status).toBe(202)
  expect(await api.end(plan.id)).toMatchObject({ state: 'succeeded' })
  await says(1)
  expect(exporter.child.tail(1000)).not.toContain(PASSWORD)
})
