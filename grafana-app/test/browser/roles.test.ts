import { describe, expect } from 'vitest'
import { PLUGIN_ID } from '../../src/app/settings.js'
import { test } from './app.js'
import { EvictPage } from './pages/evict.js'
import { WarmUpPage } from './pages/warmup.js'

const NEEDS_EDITOR = 'Your role in Grafana does not allow this: it needs Editor'

describe('a viewer', () => {
  test('sees everything, and why they may neither plan nor run', async ({ app }) => {
    const page = await app.open('/clusters/demo/evict', { role: 'Viewer' })
    const evict = EvictPage.on(page)
    await evict.nodes.waitFor()
    await page.getByRole('form', { name: 'Eviction policy' }).getByText(NEEDS_EDITOR).waitFor()
    expect(await evict.flow.planButton.isDisabled()).toBe(true)
    await page.getByRole('tab', { name: 'Warm up' }).click()
    await page.getByRole('form', { name: 'Warmup' }).getByText(NEEDS_EDITOR).waitFor()
    expect(await WarmUpPage.on(page).flow.planButton.isDisabled()).toBe(true)
    // the browser tells of each refused question what they may do
    expect(app.troubles().every((line) => line.includes('403'))).toBe(true)
  })

  test('is refused by the proxy what the page does not offer', async ({ app }) => {
    const page = await app.open('/clusters/demo/evict', { role: 'Viewer' })
    await EvictPage.on(page).nodes.waitFor()
    const status = (method: string, path: string, body: unknown) =>
      page.evaluate(
        async ([url, method, body]) =>
          (await fetch(url, { method, body, headers: { 'content-type': 'application/json' } })).status,
        [`/api/plugin-proxy/${PLUGIN_ID}/${path}`, method, JSON.stringify(body)] as const,
      )
    const plan = { kind: 'eviction-policy', spec: { samples: 3 } }
    expect(await status('POST', 'api/v1/clusters/demo/plans', plan)).toBe(403)
    expect(await status('POST', 'api/v1/plans/x/run', { confirm: 'demo', hash: 'x', reason: 'x' })).toBe(403)
    expect(await status('POST', 'api/v1/operations/x/cancel', {})).toBe(403)
    expect(await status('PATCH', 'api/v1/operations/x', { rate: { keysPerSecond: 1 } })).toBe(403)
    app.troubles()
  })
})

test('an editor may plan, and is told that running it takes an administrator', async ({ app }) => {
  const page = await app.open('/clusters/demo/evict', { role: 'Editor' })
  const evict = EvictPage.on(page)
  await evict.fill({ samples: 11 })
  await evict.flow.plan()
  await page.getByText('Your role in Grafana does not allow this: it needs Admin').waitFor()
  expect(await evict.flow.continueButton.isDisabled()).toBe(true)
  expect(app.troubles().every((line) => line.includes('403'))).toBe(true)
})
