/** A random key; crypto.randomUUID exists over TLS and on localhost only, and Grafana is often neither. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/**
 * Keys for an `Idempotency-Key`: the same request has the same key until it was answered, so that a repetition after a
 * lost answer is the same attempt; any other request has a new one.
 */
export class Attempts {
  #key = ''
  #request = ''

  keyFor(request: unknown): string {
    const text = JSON.stringify(request)
    if (this.#key === '' || text !== this.#request) {
      this.#key = randomKey()
      this.#request = text
    }
    return this.#key
  }

  /** It was answered, for good or ill: what is sent next is another attempt. */
  answered(): void {
    this.#key = ''
  }
}
