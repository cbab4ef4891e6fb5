/** RFC 9457 as the control API and the proxy answer it; what else they say is in `members`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    message: string,
    /** HTTP status; 0: no answer at all. */
    readonly status: number,
    /** The problem's type, its last part (`stale`); empty when somebody else answered. */
    readonly code: string,
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }
}

/** What kind of trouble it is, by what helps against it. */
export type Trouble =
  | 'exporter-down'
  | 'prometheus-down'
  | 'no-permission'
  | 'no-token'
  | 'token-lacks'
  | 'not-found'
  | 'not-read'
  | 'busy'
  | 'other'

/** Sorts a failed call. */
export function troubleOf(error: unknown): Trouble {
  // By its name: it is made where queries are, of which calls know nothing.
  if (error instanceof Error && error.name === 'PrometheusError') return 'prometheus-down'
  if (!(error instanceof ApiError)) return 'other'
  const { status, code } = error
  if (code === '' && (status === 0 || status === 502 || status === 503 || status === 504))
    return 'exporter-down'
  if (code === '' && status === 403) return 'no-permission'
  if (code === 'unauthenticated' || (code === '' && status === 401)) return 'no-token'
  if (status === 403) return 'token-lacks'
  if (status === 404) return 'not-found'
  if (code === 'not-read') return 'not-read'
  if (status === 429) return 'busy'
  return 'other'
}
