import { describe, expect } from 'vitest'
import { test } from './app.js'

describe('from a cluster to a node and what changed there', () => {
  test('it is three clicks, each with an address of its own', async ({ app }) => {
    const node = app.stack.demo.nodes[0]!.address
    const page = await app.open('/clusters')
    await page.getByRole('article', { name: 'demo' }).getByRole('link', { name: 'demo', exact: true }).click()
    await page
      .getByRole('table', { name: 'Shards and nodes of demo' })
      .getByRole('link', { name: node })
      .click()
    await page.getByRole('heading', { name: `Primary ${node}` }).waitFor()
    await page.getByRole('heading', { name: 'Why this node?' }).waitFor()
    await page.getByRole('list', { name: 'Events of the node' }).getByRole('listitem').first().waitFor()
    await page.getByRole('link', { name: 'All events that name it' }).click()
    await page.getByRole('tab', { name: 'Events', selected: true }).waitFor()
    expect(await page.getByLabel('Text in events').inputValue()).toBe(node)
  })

  test('the order and the filter of the nodes stay over a reload', async ({ app }) => {
    const page = await app.open('/clusters/demo/nodes?show=primary')
    const table = page.getByRole('table', { name: 'Nodes of demo' })
    await table.getByRole('button', { name: 'Commands' }).click()
    await page.reload()
    const header = table.getByRole('columnheader', { name: 'Commands' })
    await expect.poll(() => header.getAttribute('aria-sort')).toBe('descending')
    expect(await table.getByRole('row').count()).toBe(1 + 3)
    const figures = table.getByRole('row').nth(1).getByText(/\/s$/)
    await figures.first().waitFor()
  })

  test('a part of a node has its figures beside those of its peers, and their curves', async ({ app }) => {
    const node = app.stack.demo.nodes[0]!.address
    const page = await app.open(`/clusters/demo/nodes/${node}`)
    const parts = page.getByRole('navigation', { name: 'Parts of the node' })
    await parts.getByRole('link', { name: 'Commands and latency' }).click()
    const figures = page.getByRole('table', { name: `Commands and latency of ${node}` })
    await figures.getByRole('row', { name: /^Commands .*\/s .*median/ }).waitFor()
    await page
      .getByRole('table', { name: `Commands of ${node}` })
      .getByText('GET', { exact: true })
      .waitFor()
    await page.locator('canvas').first().waitFor()
    await page.reload()
    await figures.waitFor()
  })
})
