import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { findServer } from '../../../stack/src/servers.js'

let shared: Promise<Browser> | undefined

/** One browser for all files of the browser tests. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= chromium.launch({ executablePath: findServer('chromium') })
  return shared
}

/**
 * Collects what goes wrong behind a page's back: errors in its console, exceptions, requests that failed.
 * Taken is what was seen since the last time; a test that provokes errors takes them and looks.
 */
export class Troubles {
  #seen: string[] = []

  constructor(
    context: BrowserContext,
    private readonly noise: readonly RegExp[],
  ) {
    context.on('page', (page) => this.#watch(page))
  }

  take(): string[] {
    const seen = this.#seen.filter((line) => !this.noise.some((pattern) => pattern.test(line)))
    this.#seen = []
    return seen
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.#seen.push(`exception: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error')
        this.#seen.push(`console: ${message.text()} (${message.location().url})`)
    })
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? 'no reason'
      // a page that goes away gives up what it was loading
      if (why !== 'net::ERR_ABORTED') this.#seen.push(`request: ${request.method()} ${request.url()}: ${why}`)
    })
  }
}
