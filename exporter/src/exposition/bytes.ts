/** What is copied at once, and so the bytes behind the text that a copy may touch. */
const WORD = 8

const encoder = new TextEncoder()

/**
 * A buffer for text that is copied in small pieces, word by word: a `subarray` and a `set` for each would cost three
 * times as much. What is written last is right, so a copy may run over the end of its piece by less than a word.
 * A word is a float of eight bytes: any is copied as it is but NaN, and UTF-8 holds none, which would be 0x7f or 0xff
 * behind a byte from 0xf0 on.
 */
export class Bytes {
  readonly bytes: Uint8Array
  readonly #words: DataView

  /** @param length room for text */
  constructor(readonly length: number) {
    this.bytes = new Uint8Array(new ArrayBuffer(length + WORD))
    this.#words = new DataView(this.bytes.buffer)
  }

  static of(text: string): Bytes {
    const bytes = new Bytes(Buffer.byteLength(text))
    encoder.encodeInto(text, bytes.bytes)
    return bytes
  }

  /**
   * Copies [start, end) of another to `at`, where there is room for it.
   * @returns where it ends
   */
  copy(from: Bytes, start: number, end: number, at: number): number {
    const source = from.#words
    const words = this.#words
    const length = end - start
    for (let i = 0; i < length; i += WORD) words.setFloat64(at + i, source.getFloat64(start + i, true), true)
    return at + length
  }

  /** The text up to `end`; no copy. */
  first(end: number): Buffer {
    return Buffer.from(this.bytes.buffer, 0, end)
  }
}
