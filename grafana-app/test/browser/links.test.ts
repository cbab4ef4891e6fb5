import { describe, expect } from 'vitest'
import { test } from './app.js'
import { EvictPage } from './pages/evict.js'

describe('an address carries what is shown', () => {
  test('of the events: text, lanes and time stay over a reload', async ({ app }) => {
    const page = await app.open('/clusters/demo/overview')
    await page.getByRole('tab', { name: 'Events' }).click()
    const text = page.getByLabel('Text in events')
    await text.fill('slots covered')
    const list = page.getByRole('list', { name: /events/i })
    const rows = list.getByRole('listitem')
    await expect.poll(() => rows.count()).toBe(1)
    await page.reload()
    await list.waitFor()
    expect(new URL(page.url()).pathname).toContain('/clusters/demo/events')
    expect(await text.inputValue()).toBe('slots covered')
    await expect.poll(() => rows.count()).toBe(1)
  })

  test('of the clusters: filter and order', async ({ app }) => {
    const page = await app.open('/clusters?q=cold')
    await page.getByRole('article', { name: 'cold' }).waitFor()
    expect(await page.getByRole('article').count()).toBe(1)
    await page.getByRole('article').getByRole('link', { name: 'cold', exact: true }).click()
    await page.waitForURL(/\/clusters\/cold\/overview/)
    await page.goBack()
    expect(await page.getByLabel('Name or verdict of clusters').inputValue()).toBe('cold')
  })

  test('of a plan: the address in other hands goes on with the same plan', async ({ app }) => {
    const page = await app.open('/clusters/cold/evict')
    const evict = EvictPage.on(page)
    await evict.fill({ samples: 8 })
    await evict.flow.plan()
    const { pathname, search } = new URL(page.url())
    expect(search).toContain('plan=')
    const other = await app.open(`/${pathname}${search}`, { role: 'Viewer' })
    const theirs = EvictPage.on(other)
    await theirs.flow.at('Review')
    await theirs.flow.table('Changes on each node').waitFor()
    await other.getByText('Your role in Grafana does not allow this: it needs Admin').waitFor()
    expect(app.troubles().every((line) => line.includes('403'))).toBe(true)
  })

  test('that leads nowhere says so, and where to go on', async ({ app }) => {
    const page = await app.open('/no/such/page')
    await page.getByText('There is no such page').waitFor()
    await page.getByRole('link', { name: 'All clusters' }).click()
    await page.getByRole('article', { name: 'demo' }).waitFor()
  })
})
