import type { Locator, Page } from 'playwright-core'
import { Flow } from './flow.js'

/** The part of the Evict page that unlinks keys. */
export class EvictKeysPage {
  readonly flow: Flow
  readonly keysPerSecond: Locator
  readonly changeRate: Locator
  readonly shards: Locator
  /** Of the verification. */
  readonly leftOut: Locator

  constructor(readonly root: Locator) {
    this.flow = new Flow(root)
    this.keysPerSecond = root.getByLabel('Keys a second')
    this.changeRate = root.getByRole('button', { name: 'Change the rate' })
    this.shards = root.getByRole('table', { name: 'Keys that go from each shard' })
    this.leftOut = root.getByRole('region', { name: 'Keys that were left out' })
  }

  static on(page: Page): EvictKeysPage {
    return new EvictKeysPage(page.getByRole('main'))
  }

  async fill(given: { match: string; idleOver?: string; keysPerSecond?: number }): Promise<void> {
    await this.root.getByLabel(/^Keys that match/).fill(given.match)
    if (given.idleOver !== undefined)
      await this.root.getByLabel(/^Not touched for longer than/).fill(given.idleOver)
    if (given.keysPerSecond !== undefined) await this.keysPerSecond.fill(String(given.keysPerSecond))
  }

  /** Changes the rate of what runs, and waits until the page says that it is asked for. */
  async goAt(keysPerSecond: number): Promise<void> {
    await this.keysPerSecond.fill(String(keysPerSecond))
    await this.changeRate.click()
    await this.root.getByText(`Asked for: ${keysPerSecond.toLocaleString('en-US')} keys/s`).waitFor()
  }
}
