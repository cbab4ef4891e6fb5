export type OptionType = 'string' | 'boolean' | 'duration' | 'list' | 'integer'

/** An option with its flag, environment variable and place in the configuration file. */
export interface Option {
  /** Without the leading dashes. */
  readonly flag: string
  readonly env: string
  readonly type: OptionType
  /** As one would write it. */
  readonly default: string
  readonly help: string
  /** Key in the configuration file; none for what only makes sense on the command line. */
  readonly file?: readonly [section: string, key: string]
}
