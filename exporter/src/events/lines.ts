/** Characters; longer strings cannot be made. */
const LONGEST = 256 * 1024 ** 2

/**
 * The lines of a text that comes in pieces, without their ends. One that has no end is none: the text broke off.
 * @throws RangeError a line has no end
 */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let begun: string[] = []
  let length = 0
  for await (const piece of pieces) {
    const lines = piece.split('\n')
    const rest = lines.pop()!
    if (lines.length > 0) {
      lines[0] = begun.join('') + lines[0]!
      begun = []
      length = 0
      yield* lines
    }
    begun.push(rest)
    length += rest.length
    if (length > LONGEST) throw new RangeError(`a line is longer than ${LONGEST / 1024 ** 2} MiB`)
  }
}
