/** Every page in both themes: it comes, says nothing in the console, axe finds nothing of ours, nothing sticks out. */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { test, type App } from './app.js'
import { violations } from './axe.js'
import { runPolicy } from './operations.js'
import { picture } from './pictures.js'

interface Shown {
  /** A path that `App.open` takes. */
  path: (app: App) => string | Promise<string>
  /** Resolves when what is read over the network is there. */
  ready: (page: Page) => Promise<unknown>
}

const PAGES: Record<string, Shown> = {
  clusters: {
    path: () => '/clusters',
    ready: (page) => page.getByRole('article', { name: 'demo' }).waitFor(),
  },
  overview: {
    path: () => '/clusters/demo/overview?from=now-5m&to=now',
    ready: async (page) => {
      await page.getByRole('heading', { name: 'Over time' }).waitFor()
      await page.locator('canvas').first().waitFor()
    },
  },
  slots: {
    path: () => '/clusters/demo/slots',
    ready: (page) => page.getByRole('table', { name: 'Who owns which slots' }).waitFor(),
  },
  shards: {
    path: () => '/clusters/demo/shards',
    ready: (page) => page.getByRole('table', { name: 'Shards of demo' }).getByRole('meter').first().waitFor(),
  },
  nodes: {
    path: () => '/clusters/demo/nodes',
    ready: (page) => page.getByRole('table', { name: 'Nodes of demo' }).getByText('/s').first().waitFor(),
  },
  node: {
    path: (app) => `/clusters/demo/nodes/${app.stack.demo.nodes[0]!.address}`,
    ready: (page) => page.getByRole('list', { name: 'Events of the node' }).waitFor(),
  },
  'node-commands': {
    path: (app) =>
      `/clusters/demo/nodes/${app.stack.demo.nodes[0]!.address}?part=commands&from=now-5m&to=now`,
    ready: async (page) => {
      await page.getByRole('table', { name: /^Commands of/ }).waitFor()
      await page.locator('canvas').first().waitFor()
    },
  },
  'cluster-events': {
    path: () => '/clusters/demo/events',
    ready: (page) => page.getByRole('list', { name: /events/i }).waitFor(),
  },
  alerts: {
    path: () => '/clusters/demo/alerts',
    ready: (page) => page.getByRole('table', { name: 'Rules that Slotwise ships' }).waitFor(),
  },
  warmup: {
    path: () => '/clusters/cold/warmup?from=now-5m&to=now',
    ready: (page) => page.getByRole('button', { name: 'Plan', exact: true }).waitFor(),
  },
  evict: {
    path: () => '/clusters/demo/evict',
    ready: (page) => page.getByRole('table', { name: 'Memory and eviction of each node' }).waitFor(),
  },
  operations: {
    path: async (app) => (await runPolicy(app.stack), '/operations'),
    ready: (page) => page.getByRole('link', { name: /demo/ }).first().waitFor(),
  },
  operation: {
    path: async (app) => `/operations/${await runPolicy(app.stack)}`,
    ready: (page) => page.getByText('Succeeded').first().waitFor(),
  },
  events: {
    path: () => '/events',
    ready: (page) => page.getByRole('list', { name: /events/i }).waitFor(),
  },
  configuration: {
    path: () => '//plugins/slotwise-clusters-app?page=configuration',
    ready: (page) => page.getByRole('button', { name: /test/i }).first().waitFor(),
  },
  'warmup-panel': {
    path: (app) => `/${app.target.panelPath('warmup', 'cold')}`,
    ready: (page) => page.getByRole('button', { name: 'Plan', exact: true }).first().waitFor(),
  },
}

/** What makes the page wider than its window; empty when it fits. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    return [...document.querySelectorAll('main *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth)
      .map((element) => (element.cloneNode() as Element).outerHTML.slice(0, 200))
  })

describe.each(Object.entries(PAGES))('the page %s', (name, { path, ready }) => {
  test.for(['dark', 'light'] as const)(
    'is accessible in the %s theme, and fits into any window',
    async (theme, { app }) => {
      const page = await app.open(await path(app), { theme })
      await ready(page)
      await picture(page, name, theme)
      expect(await violations(page)).toEqual([])
      for (const width of [400, 1280, 1920]) {
        await page.setViewportSize({ width, height: 900 })
        await expect.poll(() => sticksOut(page), { message: `at ${width} pixels` }).toEqual([])
      }
    },
  )
})
