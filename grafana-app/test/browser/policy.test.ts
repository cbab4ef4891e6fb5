import { describe, expect } from 'vitest'
import { infoField } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { test } from './app.js'
import { EvictPage } from './pages/evict.js'

const setting = async (node: RedisNode, name: string) =>
  (await node.cli('CONFIG', 'GET', name)).split('\n').at(1)

describe('an eviction policy', () => {
  test('is planned, touches nothing until it is run, and is then on every node', async ({ app }) => {
    const { nodes } = app.stack.cold
    const settings = () =>
      Promise.all(
        nodes.map(async (node) => [
          await setting(node, 'maxmemory-policy'),
          await setting(node, 'maxmemory-samples'),
        ]),
      )
    const before = await settings()
    const page = await app.open('/clusters/cold/evict')
    const evict = EvictPage.on(page)
    await evict.fill({ policy: 'allkeys-lfu', samples: 7 })
    await evict.flow.plan()
    const changes = evict.flow.table('Changes on each node')
    expect(await changes.getByRole('row').count()).toBe(1 + 2 * nodes.length)
    for (const node of nodes)
      expect(await changes.getByRole('row', { name: node.address }).count(), node.address).toBe(2)
    expect(await settings()).toEqual(before)

    await evict.flow.run('cold', 'the browser test of the policy')
    await evict.flow.at('Verify')
    await evict.flow.ended('Succeeded')
    expect(await settings()).toEqual(nodes.map(() => ['allkeys-lfu', '7']))
    for (const node of nodes)
      expect(infoField(await node.cli('INFO', 'memory'), 'maxmemory_policy')).toBe('allkeys-lfu')
    // and the page has read it back, too
    await page.reload()
    await evict.nodes.getByRole('cell', { name: 'allkeys-lfu' }).first().waitFor()
    expect(await evict.nodes.getByRole('cell', { name: 'allkeys-lfu' }).count()).toBe(nodes.length)
  })

  test('is not run under another name than the cluster has', async ({ app }) => {
    const page = await app.open('/clusters/cold/evict')
    const { flow, ...evict } = EvictPage.on(page)
    await EvictPage.on(page).fill({ samples: 9 })
    await flow.plan()
    await flow.continueButton.click()
    await flow.reasonField.fill('a slip')
    await flow.clusterField.fill('demo')
    expect(await flow.runButton.isDisabled()).toBe(true)
    await evict.root.getByText('This is not cold.').waitFor()
    await flow.clusterField.fill('cold')
    expect(await flow.runButton.isEnabled()).toBe(true)
  })
})
