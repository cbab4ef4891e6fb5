import type { ConfigNodes } from './nodes.js'

/** A plan is mostly run right after it was read; what comes later connects again. */
const KEPT_MS = 60_000

/** Connections of plans that may be run soon, by the plan's id: a run begins without connecting to every node. */
export class KeptNodes {
  readonly #kept = new Map<string, { readonly nodes: ConfigNodes; readonly timer: NodeJS.Timeout }>()

  keep(plan: string, nodes: ConfigNodes): void {
    this.take(plan)?.close()
    const timer = setTimeout(() => this.take(plan)?.close(), KEPT_MS)
    timer.unref()
    this.#kept.set(plan, { nodes, timer })
  }

  /** Whoever takes them closes them. */
  take(plan: string): ConfigNodes | undefined {
    const kept = this.#kept.get(plan)
    if (!kept) return undefined
    clearTimeout(kept.timer)
    this.#kept.delete(plan)
    return kept.nodes
  }
}
