import { Candidate, type LeaseOptions } from '../events/held-lease.js'
import type { EventLog, Fence } from '../events/log.js'

/** The leases on watching the clusters: whoever has one tells what it sees there. */
export class WatchLeases {
  readonly #candidates = new Map<string, Candidate>()

  constructor(
    private readonly log: () => EventLog | undefined,
    private readonly owner: string,
  ) {}

  /**
   * The fence of a lease, taken if it is free; undefined while another process has it, or there is no log yet.
   * @param what e.g. `watch/<cluster>`
   * @throws LogUnavailable
   */
  async fence(what: string): Promise<Fence | undefined> {
    const log = this.log()
    return log && this.#candidate(what, { log, owner: this.owner }).fence()
  }

  async release(): Promise<void> {
    await Promise.all([...this.#candidates.values()].map((candidate) => candidate.release()))
  }

  #candidate(what: string, options: LeaseOptions): Candidate {
    const candidate = this.#candidates.get(what) ?? new Candidate(what, options)
    this.#candidates.set(what, candidate)
    return candidate
  }
}
