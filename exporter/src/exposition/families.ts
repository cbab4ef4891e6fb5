/**
 * What an exposition is made of: families with their samples, independent of any format.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

export type FamilyType = 'gauge' | 'counter' | 'summary' | 'histogram' | 'untyped'

export interface Family {
  /** Without the namespace (`memory_used_bytes`), unless `own`. */
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** Slotwise's own family: `name` is the whole name and the namespace flag leaves it alone. */
  readonly own?: true
  /** A summary whose quantiles are percents (50, 99), as the server has them, rather than from 0 to 1. */
  readonly percentiles?: true
}

/** Label names and values in the order in which they are written. */
export type Labels = readonly (readonly [name: string, value: string])[]

export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** `_sum`, `_count` or `_bucket` of a summary or histogram; else empty. */
  readonly suffix: string
  /** How many samples its source had before it. */
  readonly index: number
}

const NO_LABELS: Labels = []

/** The samples of one source (a node, a cluster, the process), by family, in the order of their arrival. */
export class Samples {
  readonly byFamily = new Map<Family, Sample[]>()
  #count = 0

  /** @param keep which families to take; all when absent */
  constructor(private readonly keep?: (family: Family) => boolean) {}

  /** How many were added. */
  get count(): number {
    return this.#count
  }

  /** Adds one sample. Whoever adds two of the same family gives them different labels. */
  add(family: Family, value: number, labels: Labels = NO_LABELS, suffix = ''): void {
    if (this.keep && !this.keep(family)) return
    const samples = this.byFamily.get(family)
    const sample = { labels, value, suffix, index: this.#count++ }
    if (samples) samples.push(sample)
    else this.byFamily.set(family, [sample])
  }
}

/** The family's name as it is exposed. */
export function fullName(family: Family, namespace: string): string {
  return family.own || namespace === '' ? family.name : `${namespace}_${family.name}`
}
