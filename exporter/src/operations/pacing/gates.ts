/** Why the run holds itself up: each cause says so under its own name, and takes it back. */
export class Gates {
  readonly #reasons = new Map<string, string>()

  set(cause: string, reason: string): void {
    if (reason === '') this.#reasons.delete(cause)
    else this.#reasons.set(cause, reason)
  }

  list(): string[] {
    return [...new Set(this.#reasons.values())].sort()
  }
}
