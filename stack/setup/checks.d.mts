export declare function nodeComplaint(version: string): string | undefined
export declare function parseArguments(args: readonly string[]): {
  help: boolean
  quiet: boolean
  purpose: 'start' | 'test' | undefined
}
