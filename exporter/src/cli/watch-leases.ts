import type { Service } from '../config/services.js'
import { Candidate } from '../events/held-lease.js'
import type { EventLog, Fence } from '../events/log.js'

/** The leases on watching the clusters: of each cluster one process tells what it sees. */
export class WatchLeases {
  readonly #candidates = new Map<string, Candidate>()

  /**
   * @param log undefined until it could be opened
   * @param owner this process; see LeaseOptions
   */
  constructor(
    private readonly log: () => EventLog | undefined,
    private readonly services: ReadonlySet<Service>,
    private readonly owner: string,
  ) {}

  /**
   * The fence under which a service tells of a cluster; the lease is taken if it is free. Undefined while another
   * process has it, and where this one was not told to run the service.
   * @throws LogUnavailable
   */
  async fence(service: 'discovery' | 'health', cluster: string): Promise<Fence | undefined> {
    const log = this.log()
    if (!log || !this.services.has(service)) return undefined
    // Each of its own: the two may run in different processes.
    const lease = service === 'discovery' ? `watch/${cluster}` : `watch/${cluster}/${service}`
    const candidate = this.#candidates.get(lease) ?? new Candidate(lease, { log, owner: this.owner })
    this.#candidates.set(lease, candidate)
    return candidate.fence()
  }

  async release(): Promise<void> {
    await Promise.all([...this.#candidates.values()].map((candidate) => candidate.release()))
  }
}
