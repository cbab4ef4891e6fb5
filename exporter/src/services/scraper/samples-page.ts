import type { Samples } from '../../exposition/families.js'
import { sameSeries } from '../../exposition/layout.js'
import type { Page } from '../../exposition/page.js'

/** A page of samples that are made anew from time to time: where they are the same series, only values are written. */
export class SamplesPage {
  #page: Page | undefined

  constructor(private readonly lay: (samples: Samples) => Page) {}

  /** Undefined until there were samples. */
  get page(): Page | undefined {
    return this.#page
  }

  /** Lays the page anew at the next update. */
  forget(): void {
    this.#page = undefined
  }

  /** @returns the page that the samples make; none where there are none */
  update(samples: Samples): Page[] {
    if (!this.#page || !written(this.#page, samples))
      this.#page = samples.count > 0 ? this.lay(samples) : undefined
    return this.#page ? [this.#page] : []
  }
}

/** Writes values; false when they are not of the page's series, in their order. */
function written(page: Page, { byFamily, count }: Samples): boolean {
  const known = page.layout.samples
  if (known?.length !== count || byFamily.size !== page.families.length) return false
  for (const [family, list] of byFamily) {
    for (const sample of list) {
      if (page.familyOf(sample.index) !== family || !sameSeries(known[sample.index]!, sample)) return false
      page.set(sample.index, sample.value)
    }
  }
  return true
}
