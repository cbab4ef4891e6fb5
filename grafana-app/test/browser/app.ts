/** `test` with an app: a page of the plugin in a browser of its own, which must not go wrong behind its back. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test as base } from 'vitest'
import { APP_PATH } from '../../src/app/settings.js'
import { sharedBrowser, Troubles } from './browser.js'
import { sharedStack, type Stack } from './stack.js'
import { sharedTarget, type Role, type Target } from './target.js'

export interface OpenOptions {
  /** Admin unless told. */
  role?: Role
  theme?: 'dark' | 'light'
  width?: number
  height?: number
}

export interface App {
  readonly stack: Stack
  readonly target: Target
  /** Opens a path below the app (`/clusters/demo`), or of the whole host when it begins with `//`. */
  open(path: string, options?: OpenOptions): Promise<Page>
  /** What went wrong behind the pages' backs since the last time; what nobody takes fails the test. */
  troubles(): string[]
}

export const test = base.extend<{ app: App }>({
  app: async ({ task }, provide) => {
    const stack = await sharedStack()
    const target = await sharedTarget(stack)
    const browser = await sharedBrowser()
    const opened: { context: BrowserContext; troubles: Troubles }[] = []
    const troubles = () => opened.flatMap((one) => one.troubles.take())
    await provide({
      stack,
      target,
      troubles,
      async open(path, { role = 'Admin', theme = 'dark', width = 1280, height = 900 } = {}) {
        const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' })
        opened.push({ context, troubles: new Troubles(context, target.noise) })
        context.setDefaultTimeout(20_000)
        await target.enter(context, role)
        const page = await context.newPage()
        await page.goto(withTheme(urlOf(target, path), theme))
        return page
      },
    })
    const left = troubles()
    if (task.result?.state === 'fail') await keepPictures(task.name, opened)
    await Promise.all(opened.map(({ context }) => context.close()))
    if (task.result?.state !== 'fail') expect(left).toEqual([])
  },
})

function urlOf(target: Target, path: string): URL {
  return new URL(path.startsWith('//') ? path.slice(1) : `${APP_PATH}${path}`, target.url)
}

function withTheme(url: URL, theme: string): string {
  url.searchParams.set('theme', theme)
  return url.href
}

/** What the pages of a failed test looked like, where SLOTWISE_TEST_PICTURES names a folder. */
async function keepPictures(name: string, opened: readonly { context: BrowserContext }[]): Promise<void> {
  const folder = process.env.SLOTWISE_TEST_PICTURES
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const pages = opened.flatMap(({ context }) => context.pages())
  const file = name.replace(/\W+/g, '-').slice(0, 80)
  await Promise.all(
    pages.map((page, index) =>
      page.screenshot({ path: join(folder, `${file}-${index}.png`), fullPage: true }),
    ),
  )
}
