import type { EventLog } from '../../events/log.js'

/** A refused request. */
export interface Denial {
  readonly source: string
  /** Id of the token, where it was a known one. */
  readonly token?: string
  readonly method: string
  /** Without query and secrets. */
  readonly path: string
  readonly status: number
}

export interface DenialsOptions {
  readonly log: EventLog
  /** `access/<process>` */
  readonly stream: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onWarning: (message: string) => void
}

interface Count extends Denial {
  readonly minute: number
  readonly since: number
  count: number
}

const MINUTE_MS = 60_000
/** Different sources, tokens and statuses that are told apart at a time. */
const MOST = 500
const OTHERS = '(others)'

/**
 * Counts refused requests and appends one `access.denied` a source, token, status and minute, with the first path,
 * so that an attacker fills neither memory nor disk. More than 500 of them at a time are counted together.
 */
export class Denials {
  readonly #counts = new Map<string, Count>()
  #timer: NodeJS.Timeout | undefined
  #appending = Promise.resolve()

  constructor(private readonly options: DenialsOptions) {}

  note(denial: Denial): void {
    const now = this.options.clock()
    const minute = Math.floor(now / MINUTE_MS)
    const known = this.#counts.get(keyOf(denial, minute))
    if (known) known.count++
    else if (this.#counts.size < MOST) this.#add(denial, minute, now)
    else {
      const { method, path, status } = denial
      const others = this.#counts.get(keyOf({ source: OTHERS, status }, minute))
      if (others) others.count++
      else this.#add({ source: OTHERS, method, path, status }, minute, now)
    }
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        void this.flush()
      },
      MINUTE_MS - (now % MINUTE_MS),
    ).unref()
  }

  /** Appends all that was counted. What the log does not take stays counted. */
  flush(): Promise<void> {
    this.#appending = this.#appending.then(() => this.#append())
    return this.#appending
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
  }

  #add(denial: Denial, minute: number, since: number): void {
    this.#counts.set(keyOf(denial, minute), { ...denial, minute, since, count: 1 })
  }

  async #append(): Promise<void> {
    const counts = [...this.#counts]
    if (counts.length === 0) return
    this.#counts.clear()
    const events = counts.map(([, { source, token, method, path, status, count, since }]) => ({
      type: 'access.denied' as const,
      data: {
        source,
        ...(token !== undefined && { token }),
        method,
        path,
        status,
        count,
        since: new Date(since).toISOString(),
      },
    }))
    try {
      await this.options.log.append([{ stream: this.options.stream, events }])
    } catch (error) {
      const total = counts.reduce((sum, [, { count }]) => sum + count, 0)
      this.options.onWarning(
        `${total} refused requests are not in the event log yet: ${(error as Error).message}`,
      )
      // These are of a minute that is over; those counted meanwhile go first where there is no room.
      for (const [key, count] of counts) if (this.#counts.size < MOST) this.#counts.set(key, count)
    }
  }
}

function keyOf({ source, token = '', status }: Pick<Denial, 'source' | 'token' | 'status'>, minute: number) {
  return [minute, source, token, status].join(' ')
}
