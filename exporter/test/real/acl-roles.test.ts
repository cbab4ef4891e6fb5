import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { repoRoot } from '../../../stack/src/servers.js'
import { until } from '../../../stack/src/until.js'
import { ControlApi, writeTokens } from '../control-api.js'

/** Slotwise itself under the users of docs/security.md: what each role is for works, and no node denies what it needs. */
const page = readFileSync(join(repoRoot, 'docs/security.md'), 'utf8')
const dir = mkdtempSync(join(tmpdir(), 'slotwise-roles-'))
const files = join(dir, 'files')
let redis: RedisCluster
let tokens: Record<string, string>

beforeAll(async () => {
  redis = await startCluster({ ports: await freePorts(6, { bus: true }), dir, server: 'redis8-server' })
  mkdirSync(files)
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
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
})

const onAll = (...command: string[]) => Promise.all(redis.nodes.map((node) => node.cli(...command)))

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
  ['warm', 'warmup', { source: { type: 'file', path: 'seed.jsonl' } }],
  ['evict', 'evict-keys', { match: 'app:*', types: ['list'] }],
  ['policy', 'eviction-policy', { policy: 'allkeys-lru' }],
] as const)('slotwise-%s', (role, kind, spec) => {
  it(`runs ${kind}, and nothing that this needs is denied`, async () => {
    await makeUser(role)
    const [port, controlPort] = await freePorts(2)
    const exporter = await startExporter({
      port: port!,
      args: [
        ...['--cluster.name=demo', `--redis.addr=redis://${redis.nodes[0]!.address}`],
        ...[`--redis.user=slotwise-${role}`, '--redis.password=secret', '--no-collector.config'],
        `--warmup.dir=${files}`,
      ],
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
      expect((await api.run(plan)).status).toBe(202)
      expect(await api.end(plan.id)).toMatchObject({ state: 'succeeded' })
      expect((await exporter.get('/metrics')).body).toMatch(/^redis_up\{[^}]*\} 1$/m)
      const denied = (await onAll('ACL', 'LOG')).flatMap((log) =>
        [...log.matchAll(/^object\n(.*)$/gm)].map(([, command]) => command!),
      )
      // Whoever watches policies asks all the same, from time to time.
      expect(denied.filter((command) => role === 'policy' || command !== 'config|get')).toEqual([])
    } finally {
      await exporter.stop()
    }
  })
})
