import type { Locator, Page } from 'playwright-core'
import { Flow } from './flow.js'

/** The Warm up page, or what the warmup panel shows. */
export class WarmUpPage {
  readonly flow: Flow

  constructor(readonly root: Locator) {
    this.flow = new Flow(root)
  }

  static on(page: Page): WarmUpPage {
    return new WarmUpPage(page.getByRole('main'))
  }
}
