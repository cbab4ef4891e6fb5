import { Bytes } from './bytes.js'
import { fullName, type Family } from './families.js'
import type { Layout } from './layout.js'
import { renderHeader } from './text.js'

/** Families that nobody has any more are forgotten when there are so many. */
const MOST_FAMILIES = 10_000

/** The families of many layouts in the order in which they are sent. */
export interface Sorted {
  /** By rank of a family: where its entries end. */
  readonly ends: Uint32Array
  /** Which layout an entry is of, and which of that layout's families it is. */
  readonly layouts: Uint32Array
  readonly families: Uint16Array
}

/** The families seen so far in the order of their names. Layouts have them by number, so that nothing is looked up. */
class FamilyOrder {
  #ranks = new Map<Family, number>()
  /** By rank. */
  headers: readonly Bytes[] = []
  #byLayout = new WeakMap<Layout, Uint32Array>()

  constructor(private readonly namespace: string) {}

  /** Sorts by counting: how many layouts have a family says where the entries of the next one begin. */
  sort(layouts: readonly Layout[]): Sorted {
    const ranksOf = this.#ranksOf(layouts)
    const next = new Uint32Array(this.headers.length + 1)
    for (const ranks of ranksOf) for (const rank of ranks) next[rank + 1]!++
    for (let rank = 1; rank < next.length; rank++) next[rank]! += next[rank - 1]!
    const count = next[next.length - 1]!
    const sorted = { ends: next, layouts: new Uint32Array(count), families: new Uint16Array(count) }
    for (const [layout, ranks] of ranksOf.entries()) {
      for (let family = 0; family < ranks.length; family++) {
        const at = next[ranks[family]!]!++
        sorted.layouts[at] = layout
        sorted.families[at] = family
      }
    }
    return sorted
  }

  #ranksOf(layouts: readonly Layout[]): Uint32Array[] {
    if (layouts.some((layout) => !this.#byLayout.has(layout))) this.#take(layouts)
    return layouts.map((layout) => this.#byLayout.get(layout)!)
  }

  /** Makes room for families that are new, and gives the layouts their ranks. */
  #take(layouts: readonly Layout[]): void {
    const families = new Set(this.#ranks.keys())
    const before = families.size
    for (const layout of layouts) for (const family of layout.families) families.add(family)
    if (families.size > before)
      this.#arrange(families.size > MOST_FAMILIES ? layouts.flatMap(({ families }) => families) : families)
    for (const layout of layouts) {
      if (!this.#byLayout.has(layout))
        this.#byLayout.set(
          layout,
          Uint32Array.from(layout.families, (family) => this.#ranks.get(family)!),
        )
    }
  }

  #arrange(families: Iterable<Family>): void {
    const named = [...new Set(families)].map((family) => [fullName(family, this.namespace), family] as const)
    named.sort(([a], [b]) => (a < b ? -1 : 1))
    this.#ranks = new Map(named.map(([, family], rank) => [family, rank]))
    this.headers = named.map(([name, family]) => Bytes.of(renderHeader(name, family)))
    this.#byLayout = new WeakMap()
  }
}

const orders = new Map<string, FamilyOrder>()

export function orderOf(namespace: string): FamilyOrder {
  let order = orders.get(namespace)
  if (!order) orders.set(namespace, (order = new FamilyOrder(namespace)))
  return order
}
