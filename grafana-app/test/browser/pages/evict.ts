import type { Locator, Page } from 'playwright-core'
import { choose } from './choose.js'
import { Flow } from './flow.js'

/** The Evict page, or what the eviction panel shows. */
export class EvictPage {
  readonly flow: Flow
  /** What every node has now. */
  readonly nodes: Locator

  constructor(readonly root: Locator) {
    this.flow = new Flow(root)
    this.nodes = root.getByRole('table', { name: 'Memory and eviction of each node' })
  }

  static on(page: Page): EvictPage {
    return new EvictPage(page.getByRole('main'))
  }

  async fill({ policy, samples }: { policy?: string; samples?: number }): Promise<void> {
    if (policy !== undefined) await choose(this.root, /^Policy/, policy)
    if (samples !== undefined) await this.root.getByLabel(/^Samples/).fill(String(samples))
  }
}
