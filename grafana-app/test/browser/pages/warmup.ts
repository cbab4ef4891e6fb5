import type { Locator, Page } from 'playwright-core'
import { choose } from './choose.js'
import { Flow } from './flow.js'

/** The Warm up page, or what the warmup panel shows. */
export class WarmUpPage {
  readonly flow: Flow
  /** Of the form, and of what runs. */
  readonly keysPerSecond: Locator
  readonly changeRate: Locator
  /** How far the whole is. */
  readonly progress: Locator
  readonly sample: Locator
  readonly comparison: Locator

  constructor(readonly root: Locator) {
    this.flow = new Flow(root)
    this.keysPerSecond = root.getByLabel('Keys a second')
    this.changeRate = root.getByRole('button', { name: 'Change the rate' })
    this.progress = root.getByRole('progressbar', { name: 'Progress in keys' })
    this.sample = root.getByRole('table', { name: 'Sample of the keys' })
    this.comparison = root.getByRole('region', { name: 'Comparison with the source' })
  }

  static on(page: Page): WarmUpPage {
    return new WarmUpPage(page.getByRole('main'))
  }

  /** The panel on a dashboard. */
  static inPanel(page: Page): WarmUpPage {
    return new WarmUpPage(
      page
        .locator('section')
        .filter({ has: page.getByText('Slotwise warmup') })
        .first(),
    )
  }

  async fill({ source, prefix, keysPerSecond }: WarmupForm): Promise<void> {
    await choose(this.root, /^Copy from/, source)
    if (keysPerSecond !== undefined) await this.keysPerSecond.fill(String(keysPerSecond))
    if (prefix === undefined) return
    await this.root.getByRole('button', { name: /^Which keys/ }).click()
    await this.root.getByLabel(/^Keys that begin with/).fill(prefix)
  }

  /** Changes the rate of what runs, and waits until the page says that it is asked for. */
  async slowTo(keysPerSecond: number): Promise<void> {
    await this.keysPerSecond.fill(String(keysPerSecond))
    await this.changeRate.click()
    const said = `Asked for: ${keysPerSecond.toLocaleString('en-US')} keys/s`
    await this.root.getByText(said).waitFor()
  }

  /** Percent. */
  async done(): Promise<number> {
    return Number(await this.progress.getAttribute('aria-valuenow'))
  }
}

export interface WarmupForm {
  /** A name in the list of sources. */
  source: string
  prefix?: string
  keysPerSecond?: number
}
