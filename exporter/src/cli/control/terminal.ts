/** What the commands need of the world, so that tests can give it. */
export interface Terminal {
  /** A line or more on standard output. */
  readonly print: (text: string) => void
  /** A line on standard error. */
  readonly note: (text: string) => void
  readonly env: Readonly<Partial<Record<string, string>>>
  /** Takes the exit code of a command that ended. */
  readonly exit: (code: number) => void
  /** Has this done at Ctrl-C, once, instead of ending; the next one ends. @returns what takes it back */
  readonly onInterrupt: (act: () => void) => () => void
  /** Where a progress bar goes; absent where nobody looks at it. */
  readonly progress?: NodeJS.WriteStream
  /** How often a plan or an operation is looked at; milliseconds. */
  readonly pollMs: number
}

/** What a terminal obeys, or shows in another order than it stands; and what it may take for an end of a line. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/** The same for everything that is printed, whoever wrote it: told as JSON tells it, so that JSON stays what it was. */
export function escaped(text: string): string {
  return text.replace(OBEYED, (char) =>
    char === '\n' ? char : `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}

/** Text of others, of lines that were put together here, without what a terminal would obey. */
export function harmless(text: string): string {
  return text.replace(OBEYED, (char) => (char === '\n' ? char : ' '))
}

/** What others said, each text in it without what a terminal would obey, and in one line: none can add lines to ours. */
export function harmlessIn<T>(value: T): T {
  if (typeof value === 'string') return value.replace(OBEYED, ' ') as T
  if (Array.isArray(value)) return value.map(harmlessIn) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [harmlessIn(name), harmlessIn(inner)]),
  ) as T
}
