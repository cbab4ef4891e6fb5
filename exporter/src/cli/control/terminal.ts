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

/** Text of others without what a terminal would obey. */
export function harmless(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, ' ')
}
