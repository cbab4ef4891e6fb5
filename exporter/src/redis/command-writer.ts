/** Commands for a pipeline, made in one growing buffer. */
export class CommandWriter {
  #buffer: Buffer
  #length = 0

  constructor(sizeHint = 65_536) {
    this.#buffer = Buffer.allocUnsafe(sizeHint)
  }

  get length(): number {
    return this.#length
  }

  bytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** ASCII only. */
  text(text: string): void {
    this.#reserve(text.length)
    this.#length += this.#buffer.write(text, this.#length, 'latin1')
  }

  /** What was written. The writer is done with then. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#length + more, this.#buffer.length * 2))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

/** Words as bulk strings, ASCII only. */
export function bulk(...words: readonly (string | number)[]): string {
  return words.map((word) => `$${String(word).length}\r\n${word}\r\n`).join('')
}
