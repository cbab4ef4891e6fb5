import type { Page } from 'playwright-core'
import { beforeEach, describe, expect } from 'vitest'
import { test } from './app.js'
import { differences, emptyCluster, HOSTILE, readKeys } from './keys.js'
import { WarmUpPage } from './pages/warmup.js'
import { pictures } from './pictures.js'
import { sharedStack } from './stack.js'

beforeEach(async () => {
  await emptyCluster((await sharedStack()).cold)
})

const ended = (warmup: WarmUpPage) => warmup.flow.ended('Succeeded')
const operationId = (page: Page) => new URL(page.url()).searchParams.get('plan')!

describe('a cold cluster', () => {
  test('is warmed from its page, slowed down while it runs, and is then as its source', async ({ app }) => {
    const { demo, cold, exporter, tokens } = app.stack
    const source = await readKeys(demo)
    const page = await app.open('/clusters/cold/warmup?from=now-5m&to=now')
    const warmup = WarmUpPage.on(page)
    await warmup.fill({ source: 'demo', keysPerSecond: 150 })
    await warmup.flow.plan()
    expect(await readKeys(cold)).toEqual(new Map())
    await pictures(app, page, 'warmup-review', (one) => WarmUpPage.on(one).sample.waitFor())

    await warmup.flow.run('cold', 'the browser test of the warmup')
    await warmup.flow.at('Run')
    await expect.poll(() => warmup.done()).toBeGreaterThan(0)
    await warmup.slowTo(50)
    const { body } = await exporter.api(`/operations/${operationId(page)}`, { token: tokens.read })
    expect(body).toMatchObject({ state: 'running', rate: { keysPerSecond: 50 } })
    await pictures(app, page, 'warmup-running', async (one) => {
      await one.getByText(/Now: \d/).waitFor()
      await one.getByRole('row', { name: /^cold \(this one\) [1-9]/ }).waitFor()
    })
    expect(await warmup.done()).toBeLessThan(100)
    await warmup.slowTo(100_000)
    await warmup.flow.at('Verify')
    await ended(warmup)
    await warmup.comparison.getByText(/^All [\d,]+ keys that were compared are as in the source/).waitFor()
    await pictures(app, page, 'warmup-verified', (one) =>
      one.getByRole('row', { name: /^cold \(this one\) 4,\d{3} / }).waitFor(),
    )
    expect(differences(source, await readKeys(cold))).toEqual([])
  })

  test('is warmed from the panel on a dashboard', async ({ app }) => {
    const { demo, cold } = app.stack
    const page = await app.open(`/${app.target.panelPath('warmup', 'cold')}`)
    const warmup = WarmUpPage.inPanel(page)
    await warmup.fill({ source: 'demo', prefix: 'user:' })
    await warmup.flow.plan()
    await warmup.flow.run('cold')
    await ended(warmup)
    expect(differences(await readKeys(demo, ['user:']), await readKeys(cold))).toEqual([])
  })

  test('is paused and goes on', async ({ app }) => {
    const page = await app.open('/clusters/cold/warmup')
    const warmup = WarmUpPage.on(page)
    await warmup.fill({ source: 'demo', prefix: 'page:', keysPerSecond: 20 })
    await warmup.flow.plan()
    await warmup.flow.run('cold')
    await warmup.flow.pauseButton.click()
    await warmup.flow.resumeButton.waitFor()
    await page.getByText('Paused', { exact: true }).first().waitFor()
    await warmup.flow.resumeButton.click()
    await warmup.slowTo(100_000)
    await ended(warmup)
  })
})

test('names of keys that are markup, turn the text round or fill the page are text', async ({ app }) => {
  const { demo, cold } = app.stack
  const page = await app.open('/clusters/cold/warmup')
  const warmup = WarmUpPage.on(page)
  await warmup.fill({ source: 'demo', prefix: 'hostile:' })
  await warmup.flow.plan()
  const names = await warmup.sample.getByRole('row').locator('td:first-child bdi').allInnerTexts()
  expect(names).toContain(HOSTILE.markup)
  expect(names).toContain(HOSTILE.script)
  expect(names).toContain(HOSTILE.template)
  expect(names).toContain('hostile:\\xe2\\x80\\xaegnp.exe')
  expect(names).toContain('hostile:two\\x0alines\\x09and a tab\\x0d\\x0a')
  expect(names.every((name) => name.length < 500)).toBe(true)
  await page.getByRole('button', { name: /^show all 10,0\d\d characters$/ }).click()
  await page.getByText('0123456789'.repeat(1000)).waitFor()
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)

  await warmup.flow.run('cold')
  await ended(warmup)
  expect(differences(await readKeys(demo, ['hostile:']), await readKeys(cold))).toEqual([])
})
