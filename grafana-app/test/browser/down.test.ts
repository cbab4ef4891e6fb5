import { afterEach, describe, expect } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { test } from './app.js'
import { differences, emptyCluster, readKeys } from './keys.js'
import { WarmUpPage } from './pages/warmup.js'
import { sharedStack } from './stack.js'

// Others need it again, however a test ended.
afterEach(async () => {
  const stack = await sharedStack()
  if (stack.exporter.child.exit !== undefined) await stack.startExporter()
})

/** What the browser says while nobody answers. */
const unanswered = (line: string) => /status of 50[24]|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(line)

describe('an exporter that is killed in the middle of a warmup', () => {
  test('is said to be down, and goes on to a complete copy when it is back', async ({ app }) => {
    const { demo, cold } = app.stack
    await emptyCluster(cold)
    const source = await readKeys(demo)
    const page = await app.open('/clusters/cold/warmup')
    const warmup = WarmUpPage.on(page)
    await warmup.fill({ source: 'demo', keysPerSecond: 100 })
    await warmup.flow.plan()
    await warmup.flow.run('cold', 'killed in the middle')
    await expect.poll(() => warmup.done()).toBeGreaterThan(5)

    await app.stack.killExporter()
    await page
      .getByText(/exporter does not answer/i)
      .first()
      .waitFor()
    const copied = await readKeys(cold)
    expect(copied.size).toBeGreaterThan(0)
    expect(copied.size).toBeLessThan(source.size)

    await app.stack.startExporter()
    await page
      .getByText(/exporter does not answer/i)
      .first()
      .waitFor({ state: 'detached', timeout: 60_000 })
    await warmup.slowTo(100_000)
    await warmup.flow.ended('Succeeded')
    expect(differences(source, await readKeys(cold))).toEqual([])
    expect(app.troubles().filter((line) => !unanswered(line))).toEqual([])
  })
})

describe('an exporter that is down', () => {
  const paths = ['/clusters', '/clusters/demo/overview', '/clusters/demo/evict', '/clusters/cold/warmup']
  test('is what every page says, until it is back', async ({ app }) => {
    await app.stack.killExporter()
    const pages = []
    for (const path of [...paths, '/operations', '/events']) {
      const page = await app.open(path)
      await page
        .getByText(/exporter does not answer/i)
        .first()
        .waitFor()
      pages.push(page)
    }
    await app.stack.startExporter()
    // each comes back without being loaded anew
    for (const page of pages)
      await until(async () => (await page.getByText(/exporter does not answer/i).count()) === 0, {
        timeoutMs: 60_000,
        what: `${page.url()} to come back`,
      })
    await pages[0]!.getByRole('article', { name: 'demo' }).waitFor()
    expect(app.troubles().filter((line) => !unanswered(line))).toEqual([])
  })
})
