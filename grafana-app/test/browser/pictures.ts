import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { App } from './app.js'

/** Pixels; what is below is more of the same. */
const HIGHEST = 1400

/**
 * Takes a picture of the whole page for the documents, `<name>-<theme>.png`, where SLOTWISE_PICTURES names their folder;
 * else does nothing.
 */
export async function picture(page: Page, name: string, theme: string): Promise<void> {
  const folder = process.env.SLOTWISE_PICTURES
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  const { width } = page.viewportSize()!
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  // as high as the page, so that what stays in place when it scrolls is drawn once and to the end
  await page.setViewportSize({ width, height: Math.min(height, HIGHEST) })
  await page.screenshot({ path: join(folder, `${name}-${theme}.png`), animations: 'disabled' })
}

/**
 * Two pictures of where a page is: as it stands, which is dark, and the same address in the light theme.
 * @param ready resolves when everything is there, on either
 */
export async function pictures(
  app: App,
  page: Page,
  name: string,
  ready: (page: Page) => Promise<unknown>,
): Promise<void> {
  if (!process.env.SLOTWISE_PICTURES) return
  await ready(page)
  await picture(page, name, 'dark')
  const { pathname, search } = new URL(page.url())
  const other = await app.open(`/${pathname}${search}`, { theme: 'light' })
  await ready(other)
  await picture(other, name, 'light')
  await other.close()
}
