/** The preview host itself in a browser: the key, the roles, the themes, the panels. Nothing answers behind it. */
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startPreview, type Preview } from '../../../stack/src/preview.js'
import { findServer } from '../../../stack/src/servers.js'

const NOBODY = 'http://127.0.0.1:1'

let browser: Browser
let preview: Preview
let context: BrowserContext
let page: Page

beforeAll(async () => {
  const [port] = (await freePorts(1)) as [number]
  preview = await startPreview({ port, apiUrl: NOBODY, tokens: {}, prometheusUrl: NOBODY })
  browser = await chromium.launch({ executablePath: findServer('chromium') })
})
afterAll(async () => {
  await browser.close()
  await preview.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  page = await context.newPage()
})
afterEach(() => context.close())

const heading = (name: string) => page.getByRole('heading', { level: 1, name })
const navigation = () => page.getByRole('navigation', { name: 'Main menu' })

test('asks for the key, then opens the first page of the plugin at an address without it', async () => {
  await page.goto(preview.url)
  await page.getByText('Open the address that npm start printed').waitFor()
  await page.goto(preview.keyUrl)
  await heading('Clusters').waitFor()
  expect(page.url()).toBe(`${preview.url}/a/slotwise-clusters-app/clusters`)
  expect(await navigation().getByRole('link').allTextContents()).toEqual([
    'Clusters',
    'Events',
    'Operations',
    'Configuration',
    'Action panels',
  ])
})

test('another role sees and may what it may in Grafana', async () => {
  await page.goto(preview.keyUrl)
  await page.getByRole('button', { name: 'User menu, role Admin' }).click()
  await page.getByRole('menuitem', { name: 'Viewer' }).click()
  await page.getByRole('button', { name: 'User menu, role Viewer' }).waitFor()
  expect(await navigation().getByRole('link', { name: 'Configuration' }).count()).toBe(0)
  await page.goto(`${preview.url}/plugins/slotwise-clusters-app`)
  await page.getByText('Only an administrator may configure plugins').waitFor()
  const proxied = await context.request.get(
    `${preview.url}/api/plugin-proxy/slotwise-clusters-app/whoami/run`,
  )
  expect(proxied.status()).toBe(403)
})

test('has both themes, and keeps the one that was chosen', async () => {
  const colour = () => page.evaluate(() => getComputedStyle(document.body).color)
  await page.goto(preview.keyUrl)
  await heading('Clusters').waitFor()
  const dark = await colour()
  await page.getByRole('button', { name: 'Switch to the light theme' }).click()
  await page.getByRole('button', { name: 'Switch to the dark theme' }).waitFor()
  const light = await colour()
  expect(light).not.toBe(dark)
  await page.reload()
  await heading('Clusters').waitFor()
  expect(await colour()).toBe(light)
  await page.goto(`${preview.url}/?theme=dark`)
  await heading('Clusters').waitFor()
  expect(await colour()).toBe(dark)
})

test('shows the panels nested in the plugin', async () => {
  await page.goto(preview.keyUrl)
  await page.goto(`${preview.url}/d/preview-panels?var-cluster=demo`)
  for (const name of ['Slotwise warmup', 'Slotwise eviction'])
    await page.getByText(name, { exact: true }).waitFor()
  await page
    .getByText(/exporter does not answer/i)
    .first()
    .waitFor()
})

test('says what is not there', async () => {
  await page.goto(preview.keyUrl)
  await page.goto(`${preview.url}/alerting/list`)
  await heading('Page not found').waitFor()
})

test('says so when its port is taken', async () => {
  const { port } = new URL(preview.url)
  const second = startPreview({ port: Number(port), apiUrl: NOBODY, tokens: {}, prometheusUrl: NOBODY })
  await expect(second).rejects.toThrow(`the preview host cannot listen on 127.0.0.1:${port}`)
})
