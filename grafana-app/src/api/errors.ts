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
