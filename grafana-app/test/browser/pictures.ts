import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { App } from './app.js'

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
  await page.setViewportSize({ width, height: Math.min(height, 2000) })
  await page.screenshot({ path: join(folder, `${name}-${theme}.png`), animations: 'disabled' })
}

/** Two pictures of where a page is: as it stands, which is dark, and the same address in the light theme. */
export async function pictures(app: App, page: Page, name: string): Promise<void> {
  if (!process.env.SLOTWISE_PICTURES) return
  await picture(page, name, 'dark')
  const { pathname, search } = new URL(page.url())
  const other = await app.open(`/${pathname}${search}`, { theme: 'light' })
  await other.getByRole('navigation', { name: 'Steps of the action' }).waitFor()
  await other.waitForLoadState('networkidle')
  await picture(other, name, 'light')
  await other.close()
}
