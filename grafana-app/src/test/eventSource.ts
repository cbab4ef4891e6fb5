/** An EventSource that tests drive by hand; the last one made is `FakeEventSource.last`. */
export class FakeEventSource {
  static last: FakeEventSource | undefined
  static count = 0
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    FakeEventSource.last = this
    FakeEventSource.count++
  }

  readonly #listeners = new Map<string, (message: { data: string }) => void>()

  addEventListener(type: string, listener: (message: { data: string }) => void): void {
    this.#listeners.set(type, listener)
  }

  /** A message of another type than `message`. */
  tell(type: string, data: unknown): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data) })
  }

  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  send(event: unknown): void {
    this.onmessage?.({ data: JSON.stringify(event) })
  }

  /** Refused for good: browsers do not try again. */
  refuse(): void {
    this.readyState = 2
    this.onerror?.()
  }

  close(): void {
    this.readyState = 2
  }
}
