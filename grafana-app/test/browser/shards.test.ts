import { expect } from 'vitest'
import { test } from './app.js'

test('a slot leads to its shard, and that to its nodes', async ({ app }) => {
  const page = await app.open('/clusters/demo/overview')
  await page.getByRole('tab', { name: 'Shards' }).click()
  const table = page.getByRole('table', { name: 'Shards of demo' })
  await page.getByLabel('Shard, node, zone or slot').fill('16383')
  await expect.poll(() => table.getByRole('row').count()).toBe(1 + 1)
  await page.reload()
  await table.waitFor()
  expect(await table.getByRole('row').count()).toBe(1 + 1)
  await table.getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Why this node?' }).waitFor()
  // and back: the node's shard is marked among the others
  await page.getByRole('link', { name: 'Shard 3', exact: true }).click()
  await table.getByText('linked').waitFor()
  expect(await table.getByRole('row').count()).toBe(1 + 3)
})
