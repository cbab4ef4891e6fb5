/** What was done at a moment, as the API told it. */
export interface Sample {
  readonly atMs: number
  /** What a rate limits. */
  readonly done: number
  /** Keys that were looked at to do that, where it is not each. */
  readonly looked?: number | undefined
  readonly bytes: number
}

export interface Speed {
  readonly keysPerSecond: number
  readonly lookedPerSecond?: number
  readonly bytesPerSecond: number
}

/** Long enough to even out checkpoints (about one a second), short enough to show a changed rate soon. */
const WINDOW_MS = 8000
/** Over less the checkpoints that happen to fall into it make it half as much or twice. */
const LEAST_MS = 4000

/** The samples of the last seconds with one more; begins anew when less is done than before (another operation). */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1)
  if (last && (sample.done < last.done || sample.bytes < last.bytes)) return [sample]
  const from = samples.findLastIndex(({ atMs }) => atMs <= sample.atMs - WINDOW_MS)
  return [...samples.slice(Math.max(0, from)), sample]
}

/** Over the window; undefined until there is enough to tell. */
export function speedOf(samples: readonly Sample[]): Speed | undefined {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atMs - first.atMs < LEAST_MS) return undefined
  const { looked } = last
  return over(
    last.done - first.done,
    last.bytes - first.bytes,
    last.atMs - first.atMs,
    looked === undefined ? undefined : looked - (first.looked ?? looked),
  )
}

/** Over a whole run. */
export function over(done: number, bytes: number, ms: number, looked?: number): Speed {
  const perSecond = (value: number) => (ms > 0 ? (value * 1000) / ms : 0)
  return {
    keysPerSecond: perSecond(done),
    bytesPerSecond: perSecond(bytes),
    ...(looked !== undefined && { lookedPerSecond: perSecond(looked) }),
  }
}
