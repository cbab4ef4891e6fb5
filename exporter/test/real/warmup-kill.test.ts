import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import { ControlApi, writeTokens } from '../control-api.js'
import { allKinds, contentOf, differences, fill, flush, send } from '../warmup.js'

/** The program as it is run, and killed. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-kill-'))
const [tokensFile, configFile, files] = ['tokens.yml', 'slotwise.yml', 'files'].map((name) =>
  join(dir, name),
) as [string, string, string]
const KEYS = 8000
let target: RedisCluster
let single: RedisNode
let ports: number[]
let api: ControlApi
let exporter: Exporter | undefined

beforeAll(async () => {
  ports = await freePorts(2)
  const redisPorts = await freePorts(4, { bus: true })
  ;[target, single] = await Promise.all([
    startCluster({ ports: redisPorts.slice(0, 3), replicas: 0, dir }),
    startNode({ port: redisPorts[3]!, dir }),
  ])
  const tokens = writeTokens(tokensFile, [
    { id: 'root', scopes: ['read', 'plan', 'run', 'warmup'], delegated: false },
  ])
  api = new ControlApi(`http://127.0.0.1:${ports[1]}`, tokens.root)
  mkdirSync(files)
  writeFileSync(
    configFile,
    stringify({
      clusters: [{ name: 'demo', seeds: [`redis://${target.nodes[0]!.address}`] }],
      warmup: { dir: files, sources: [{ name: 'old', seeds: [`redis://${single.address}`] }] },
    }),
  )
})
afterAll(async () => {
  await Promise.all([exporter?.stop(), target.stop(), single.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => flush([...target.nodes, single]))

const serve = async () => {
  exporter = await startExporter({
    port: ports[0]!,
    args: [
      `--config.file=${configFile}`,
      `--events.url=file:${join(dir, 'slotwise.db')}`,
      `--control.listen-address=127.0.0.1:${ports[1]}`,
      `--control.tokens-file=${tokensFile}`,
    ],
  })
  await until(async () => (await api.get('/clusters')).status === 200, { timeoutMs: 40_000, what: 'the API' })
}
const operation = async (id: string) => (await api.get(`/operations/${id}`)).body as unknown as Operation

/**
 * Runs a warmup, kills the exporter in the middle, starts it again, and waits for the end. Slow at first, so that on
 * a machine of any speed there is a middle.
 */
async function killed(source: object): Promise<Operation> {
  await serve()
  const plan = await api.plan({ source, rate: { keysPerSecond: 100 } }, 'demo', 'warmup')
  expect(plan).toMatchObject({ state: 'ready' })
  expect((await api.run(plan)).status).toBe(202)
  const copied = async () => ((await operation(plan.id)).counts?.written ?? 0) > 100
  await until(copied, { timeoutMs: 60_000, what: 'some keys to be copied' })
  await exporter!.child.stop({ signal: 'SIGKILL' })
  const halfway = (await contentOf(target.nodes)).size
  expect(halfway).toBeGreaterThan(100)
  expect(halfway).toBeLessThan(KEYS)
  await serve()
  const faster = await api.ask('PATCH', `/operations/${plan.id}`, { rate: { keysPerSecond: 100_000 } })
  expect(faster.status).toBe(200)
  const end = await api.end(plan.id)
  await exporter!.stop()
  return end
}

describe('a warmup whose exporter is killed in the middle', () => {
  it('is a complete copy of a single node in the end, in which no key is counted twice', async () => {
    await send([single], allKinds())
    await fill([single], KEYS)
    const there = 50
    await fill(target.nodes, there)
    const { state, counts, comparison, summary } = await killed({ type: 'redis', name: 'old' })
    expect(state).toBe('succeeded')
    expect(comparison).toMatchObject({ different: 0, missing: 0 })
    const content = await contentOf([single])
    expect(differences(content, await contentOf(target.nodes))).toEqual([])
    expect(counts).toMatchObject({ read: content.size, failed: 0 })
    const { written = 0, existing = 0, maybeWritten = 0 } = counts!
    expect(written + existing).toBe(content.size)
    // What was sent behind the last checkpoint is found by the next process, which cannot know whose it is.
    expect(existing).toBeGreaterThanOrEqual(there)
    expect(existing - maybeWritten).toBeLessThanOrEqual(there)
    expect(summary).toMatch(/^at least [\d,]+ keys written, at most [\d,]+, and [\d,]+ to [\d,]+ were there/)
  })

  it('is a complete copy of a file in the end, in which no line is counted twice', async () => {
    const lines = Array.from({ length: KEYS }, (_, i) => ({
      key: `k${i}`,
      type: 'string',
      value: `v${i}`,
      ttl: 5000,
    }))
    writeFileSync(join(files, 'keys.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
    const { state, counts } = await killed({ type: 'file', path: 'keys.jsonl' })
    expect(state).toBe('succeeded')
    expect(counts!.written! + counts!.existing!).toBe(KEYS)
    const content = await contentOf(target.nodes)
    expect(content.size).toBe(KEYS)
    expect(content.get(Buffer.from('k77').toString('hex'))?.value).toBe(Buffer.from('v77').toString('hex'))
    expect([...content.values()].every(({ expiresAt }) => expiresAt > 0)).toBe(true)
  })
})
