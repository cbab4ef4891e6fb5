import type { Labels, Sample, Samples } from '../../exposition/families.js'
import type { Page } from '../../exposition/page.js'

/** Samples of a page beyond this are not kept for comparison: large replies are few, rare, and would take much memory. */
const MOST_KEPT = 32

/** A page of samples that are made anew from time to time: where they are the same series, only values are written. */
export class SamplesPage {
  #page: Page | undefined
  #samples: Samples | undefined

  constructor(private readonly lay: (samples: Samples) => Page) {}

  /** Undefined until there were samples. */
  get page(): Page | undefined {
    return this.#page
  }

  /** Lays the page anew at the next update. */
  forget(): void {
    this.#samples = undefined
  }

  update(samples: Samples): Page | undefined {
    const changed = this.#samples && changedValues(this.#samples, samples)
    if (changed) for (const { index, value } of changed) this.#page!.set(index, value)
    else this.#page = samples.count > 0 ? this.lay(samples) : undefined
    this.#samples = samples.count > 0 && samples.count <= MOST_KEPT ? samples : undefined
    return this.#page
  }
}

/** Samples with another value than before; undefined when they are not the same series in the same order. */
function changedValues(before: Samples, after: Samples): Sample[] | undefined {
  if (before.count !== after.count || before.byFamily.size !== after.byFamily.size) return undefined
  const changed: Sample[] = []
  for (const [family, list] of after.byFamily) {
    const old = before.byFamily.get(family)
    if (old?.length !== list.length) return undefined
    for (const [i, sample] of list.entries()) {
      const { index, suffix, labels, value } = old[i]!
      if (sample.index !== index || sample.suffix !== suffix || !sameLabels(sample.labels, labels))
        return undefined
      if (!Object.is(sample.value, value)) changed.push(sample)
    }
  }
  return changed
}

function sameLabels(a: Labels, b: Labels): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i]![0] && value === b[i]![1])
}
