export interface UntilOptions {
  /** How long to try, in ms. */
  timeoutMs: number
  /** What is waited for: completes the sentence "timed out after 5 s waiting for …". */
  what: string
  /** The pause between two tries, in ms; 50 unless told. */
  intervalMs?: number
  /** Gives up as soon as this signal is aborted. */
  signal?: AbortSignal
}

/**
 * Tries a condition until it is truthy and returns what it gave. A condition that throws counts as not yet true.
 * @throws when the time is over; the message says what was waited for and the condition's last error
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<NonNullable<T>> {
  const { timeoutMs, what, intervalMs = 50, signal } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let lastError: unknown
    try {
      const value = await condition()
      if (value) return value
    } catch (error) {
      lastError = error
    }
    signal?.throwIfAborted()
    if (performance.now() >= deadline) {
      const because = lastError instanceof Error ? `: ${lastError.message}` : ''
      throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}${because}`, {
        cause: lastError,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs))
  }
}
