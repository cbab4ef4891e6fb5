import type { Locator } from 'playwright-core'

export type Step = 'Plan' | 'Review' | 'Confirm' | 'Run' | 'Verify'

/** What a run that copies or sets something may take here. */
const LONG_MS = 60_000

/** The way of an action from plan to proof, on a page or in a panel. */
export class Flow {
  readonly continueButton: Locator
  readonly planButton: Locator
  /** Of the last step before it runs; its name says what happens. */
  readonly runButton: Locator
  readonly clusterField: Locator
  readonly reasonField: Locator
  readonly pauseButton: Locator
  readonly resumeButton: Locator

  constructor(readonly root: Locator) {
    this.planButton = root.getByRole('button', { name: 'Plan', exact: true })
    this.continueButton = root.getByRole('button', { name: 'Continue to confirm' })
    this.runButton = root.getByRole('button', { name: /^(Warm|Copy|Set|Evict) / })
    this.clusterField = root.getByLabel(/^Cluster/)
    this.reasonField = root.getByLabel(/^Reason/)
    this.pauseButton = root.getByRole('button', { name: 'Pause' })
    this.resumeButton = root.getByRole('button', { name: 'Resume' })
  }

  /** Waits until the flow is at this step. */
  async at(step: Step): Promise<void> {
    await this.root
      .getByRole('navigation', { name: 'Steps of the action' })
      .locator('[aria-current=step]', { hasText: step })
      .waitFor({ timeout: LONG_MS })
  }

  /** From a filled form to the review. */
  async plan(): Promise<void> {
    await this.planButton.click()
    await this.at('Review')
  }

  /** From the review to the run. */
  async run(cluster: string, reason = 'a browser test'): Promise<void> {
    await this.continueButton.click()
    await this.clusterField.fill(cluster)
    await this.reasonField.fill(reason)
    await this.runButton.click()
  }

  /** Waits for the end with this name: `Succeeded`. */
  async ended(how: string): Promise<Locator> {
    const alert = this.root.getByRole('status', { name: how }).or(this.root.getByRole('alert', { name: how }))
    await alert.first().waitFor({ timeout: LONG_MS })
    return alert.first()
  }

  /** The value of a figure: what stands beside its label. */
  async figure(label: string): Promise<string> {
    return this.root
      .locator('dl > div', { has: this.root.page().getByText(label, { exact: true }) })
      .locator('dd')
      .innerText()
  }

  table(label: string): Locator {
    return this.root.getByRole('table', { name: label })
  }
}
