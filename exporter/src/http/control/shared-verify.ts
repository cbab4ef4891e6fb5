import type { EventLog, VerifyReport } from '../../events/log.js'
import { Refusal } from './problem.js'

type Anchor = string | undefined

/** Anchors that are looked for in one pass. */
const MOST_ANCHORS = 100

/** A pass through the whole log, for all who asked before it began. */
interface Pass {
  readonly anchors: Set<Anchor>
  readonly reports: Promise<ReadonlyMap<Anchor, VerifyReport>>
}

/**
 * Reading the whole log is dear: it is read once at a time. Who asks meanwhile shares that pass where it looks for the
 * same anchor, and else the next one with all others who wait, whatever their anchors.
 */
export class SharedVerify {
  #running: Pass | undefined
  #next: Pass | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(private readonly log: Pick<EventLog, 'verifyAll'>) {}

  /** @throws LogUnavailable | Refusal `rate-limited` */
  async verify(anchor?: string): Promise<VerifyReport> {
    const pass = this.#running?.anchors.has(anchor) ? this.#running : (this.#next ??= this.#begin())
    if (!pass.anchors.has(anchor) && pass.anchors.size === MOST_ANCHORS)
      throw new Refusal('rate-limited', `${MOST_ANCHORS} verifications wait; ask again later`)
    pass.anchors.add(anchor)
    return (await pass.reports).get(anchor)!
  }

  #begin(): Pass {
    const anchors = new Set<Anchor>()
    const pass: Pass = { anchors, reports: this.#last.then(() => this.#run(pass)) }
    this.#last = pass.reports.catch(() => undefined)
    return pass
  }

  async #run(pass: Pass): Promise<ReadonlyMap<Anchor, VerifyReport>> {
    this.#running = pass
    this.#next = undefined
    try {
      const anchors = [...pass.anchors]
      const reports = await this.log.verifyAll(anchors)
      return new Map(anchors.map((anchor, i) => [anchor, reports[i]!]))
    } finally {
      this.#running = undefined
    }
  }
}
