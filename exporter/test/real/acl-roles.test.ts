import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { repoRoot } from '../../../stack/src/servers.js'
import { until } from '../../../stack/src/until.js'
import { ControlApi, writeTokens } from '../control-api.js'
import { fill } from '../warmup.js'

/**
 * Slotwise itself under the users of docs/security.md: what each role is for works, and no node denies what it needs.
 * There are keys outside their pattern everywhere, and so many that a plan looks at a sample.
 */
const page = readFileSync(join(repoRoot, 'docs/security.md'), 'utf8')
const dir = mkdtempSync(join(tmpdir(), 'slotwise-roles-'))
const files = join(dir, 'files')
const configFile = join(dir, 'slotwise.yml')
const OTHERS = 24_000
let redis: RedisCluster
let source: RedisNode
let tokens: Record<string, string>

beforeAll(async () => {
  const ports = await freePorts(7, { bus: true })
  redis = await startCluster({ ports: ports.slice(0, 6), dir, server: 'redis8-server' })
  source = await startNode({ port: ports[6]!, dir, server: 'redis8-server' })
  await fill(redis.nodes.slice(0, 3), OTHERS, 1, 'other')
  await fill([source], 3000, 1, 'other')
  await source.cli('MSET', 'app:old:1', 'v', 'app:old:2', 'v')
  mkdirSync(files)
  writeFileSync(join(dir, 'password'), 'secret', { mode: 0o600 })
  const line = (type: string, value: unknown, i: number) =>
    `${JSON.stringify({ key: `app:${type}:${i}`, type, value, ttl: 3600 })}\n`
  const lines = Array.from({ length: 30 }, (_, i) =>
    [line('string', 'v', i), line('list', ['a'], i), line('hash', { f: 'v' }, i)].join(''),
  )
  writeFileSync(join(files, 'seed.jsonl'), lines.join(''))
  tokens = writeTokens(join(dir, 'tokens.yml'), [
    { id: 'me', scopes: ['read', 'plan', 'run', 'warmup', 'evict', 'policy'], delegated: false },
  ])
})
afterAll(async () => {
  await Promise.all([redis.stop(), source.stop()])
  rmSync(dir, { recursive: true, force: true })
})

const onAll = (...command: string[]) =>
  Promise.all([...redis.nodes, source].map((node) => node.cli(...command)))

/** Makes the user of a role on every node, as a page for Redis 8 says. */
async function makeUser(role: string): Promise<void> {
  const lines = page
    .split('\n')
    .filter((line) => line.startsWith(`ACL SETUSER slotwise-${role} `) && !line.includes('commandlog'))
  for (const line of lines)
    expect(new Set(await onAll(...line.replace('>PASSWORD', '>secret').split(' ')))).toEqual(new Set(['OK']))
  await onAll('ACL', 'LOG', 'RESET')
}

describe.each([
  ['warm', 'warmup', { source: { type: 'file', path: 'seed.jsonl' } }, { keys: 90 }],
  ['warm', 'warmup', { source: { type: 'redis', name: 'old' }, select: { prefix: 'app:' } }, {}],
  ['evict', 'evict-keys', { match: 'app:*', types: ['list'] }, { total: OTHERS + 92 }],
  ['policy', 'eviction-policy', { policy: 'allkeys-lru' }, { changes: 6 }],
] as const)('slotwise-%s', (role, kind, spec, counts) => {
  it(`runs ${kind}, and nothing that this needs is denied`, async () => {
    await makeUser('source')
    await makeUser(role)
    const as = (user: string) => ({ username: `slotwise-${user}`, passwordFile: join(dir, 'password') })
    const { address } = redis.nodes[0]!
    writeFileSync(
      configFile,
      stringify({
        clusters: [{ name: 'demo', seeds: [`redis://${address}`], ...as(role) }],
        warmup: {
          dir: files,
          sources: [{ name: 'old', seeds: [`redis://${source.address}`], ...as('source') }],
        },
      }),
    )
    const [port, controlPort] = await freePorts(2)
    const exporter = await startExporter({
      port: port!,
      args: [...[`--config.file=${configFile}`, '--no-collector.config']],
      control: { port: controlPort!, dir: join(dir, role), tokensFile: join(dir, 'tokens.yml') },
    })
    try {
      const api = new ControlApi(exporter.controlUrl, tokens.me)
      await until(async () => (await api.get('/clusters/demo/topology')).status === 200, {
        timeoutMs: 60_000,
        what: 'the cluster to be read',
      })
      const plan = await api.plan(spec, 'demo', kind)
      expect(plan.state, JSON.stringify(plan.refused)).toBe('ready')
      expect(plan.counts).toMatchObject(counts)
      expect((await api.run(plan)).status).toBe(202)
      expect(await api.end(plan.id)).toMatchObject({ state: 'succeeded' })
      expect((await exporter.get('/metrics')).body).toMatch(/^redis_up\{[^}]*\} 1$/m)
      const denied = (await onAll('ACL', 'LOG')).flatMap((log) =>
        [...log.matchAll(/^object\n(.*)$/gm)].map(([, command]) => command!),
      )
      // Whoever watches policies asks all the same, from time to time.
      const unexpected = denied.filter((command) => role === 'policy' || command !== 'config|get')
      // evict-keys would like to look again at what it leaves alone: it tries one such key of a node.
      const tried = unexpected.filter((key) => role === 'evict' && key.startsWith('other:'))
      expect(unexpected.filter((one) => !tried.includes(one))).toEqual([])
      expect(tried.length).toBeLessThanOrEqual(3)
    } finally {
      await exporter.stop()
    }
  })
})
