import { Cluster } from 'ioredis'
import type { RedisCluster } from '../../../stack/src/redis-cluster.js'
import { expect } from 'vitest'
import { test } from './app.js'
import { emptyCluster } from './keys.js'
import { EvictKeysPage } from './pages/evict-keys.js'
import { pictures } from './pictures.js'

const SESSIONS = 1000

/** Sessions of which each second looks as if nobody had touched it for an hour, and pages as idle. */
async function fill({ nodes }: RedisCluster): Promise<void> {
  const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  try {
    await client.set('model', 'v')
    const payload = await client.dumpBuffer('model')
    await client.del('model')
    const restore = (key: string, idle: number) => client.restore(key, 0, payload, 'IDLETIME', idle)
    for (let i = 0; i < SESSIONS; i++) {
      await restore(`old-session:${i}`, i % 2 === 0 ? 3600 : 0)
      if (i % 4 === 0) await restore(`old-page:${i}`, 3600)
    }
  } finally {
    client.disconnect()
  }
}

/** Keys by their prefix, as redis-cli finds them on the primaries. */
async function counted({ nodes }: RedisCluster): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const node of nodes) {
    if (!(await node.cli('ROLE')).startsWith('master')) continue
    for (const key of (await node.cli('KEYS', 'old-*')).split('\n').filter((line) => line !== '')) {
      const prefix = key.split(':')[0]!
      found[prefix] = (found[prefix] ?? 0) + 1
    }
  }
  return found
}

test('idle keys are evicted by pattern from the page, and nothing else', async ({ app }) => {
  const { cold } = app.stack
  await emptyCluster(cold)
  await Promise.all(cold.nodes.map((node) => node.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')))
  await fill(cold)
  const before = { 'old-session': SESSIONS, 'old-page': SESSIONS / 4 }
  const page = await app.open('/clusters/cold/evict')
  await page.getByRole('radio', { name: /^By criteria/ }).click()
  const evict = EvictKeysPage.on(page)
  await evict.fill({ match: 'old-session:*', idleOver: '30m', keysPerSecond: 20 })
  await evict.flow.plan()
  expect(await evict.shards.getByRole('row').count()).toBe(1 + 3)
  expect(await counted(cold)).toEqual(before)
  await pictures(app, page, 'evict-keys-review', (one) => EvictKeysPage.on(one).shards.waitFor())

  await evict.flow.run('cold', 'the browser test of evict-keys')
  await evict.flow.at('Run')
  await page.getByText(/Now: \d/).waitFor()
  await pictures(app, page, 'evict-keys-running', (one) => one.getByText(/Now: \d/).waitFor())
  await evict.goAt(100_000)
  await evict.flow.at('Verify')
  await evict.flow.ended('Succeeded')
  await evict.leftOut.getByText(/that were left out and looked at again are there/).waitFor()
  expect(await counted(cold)).toEqual({ 'old-session': SESSIONS / 2, 'old-page': SESSIONS / 4 })
  await pictures(app, page, 'evict-keys-verified', (one) => EvictKeysPage.on(one).leftOut.waitFor())
})
