import { parseDuration } from './duration.js'
import type { Flag } from './options.js'

/** What is wrong with the configuration: where it stands, what it is, what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** An option's text and where it stands. */
export interface RawValue {
  readonly text: string
  /** For errors: the flag, the variable, or the key of the file. */
  readonly from: string
  /** False for a default. */
  readonly given: boolean
}

/** Reads options as values; every error names the place where the text stands. */
export class Resolver {
  constructor(readonly raw: (flag: Flag) => RawValue) {}

  text(flag: Flag): string {
    return this.raw(flag).text
  }

  /** @throws ConfigError `parse` gives nothing */
  read<T>(flag: Flag, parse: (text: string) => T | undefined, expected: string): T {
    const { text, from } = this.raw(flag)
    const value = parse(text)
    if (value === undefined) throw new ConfigError(`${from}: ${JSON.stringify(text)} is not ${expected}`)
    return value
  }

  bool(flag: Flag): boolean {
    return this.read(flag, parseBoolean, 'a boolean (true or false)')
  }

  /** Milliseconds. */
  duration(flag: Flag): number {
    return this.read(flag, positiveDuration, 'a positive duration such as 500ms, 1s or 1m30s')
  }

  /** Milliseconds; `0s` is allowed. */
  durationOrNone(flag: Flag): number {
    return this.read(
      flag,
      (text) => (/^0(ms|s|m|h|d)?$/.test(text) ? 0 : positiveDuration(text)),
      'a duration such as 30s, or 0s',
    )
  }

  integer(flag: Flag, least: number): number {
    return this.read(
      flag,
      (text) => (/^\d{1,15}$/.test(text) && Number(text) >= least ? Number(text) : undefined),
      `a whole number from ${least} on`,
    )
  }

  list(flag: Flag): string[] {
    return this.text(flag)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  matching(flag: Flag, pattern: RegExp, expected: string): string {
    return this.read(flag, (value) => (pattern.test(value) ? value : undefined), expected)
  }

  /** @param wrap makes the source of the expression, e.g. to anchor it */
  regex(flag: Flag, wrap: (source: string) => string = (source) => source): RegExp {
    return this.read(flag, (text) => compiled(wrap(text)), 'a regular expression')
  }

  /** A list of expressions that each have to match the whole text. */
  regexes(flag: Flag): RegExp[] {
    const { from } = this.raw(flag)
    return this.list(flag).map((source) => {
      const regex = compiled(`^(?:${source})$`)
      if (!regex) throw new ConfigError(`${from}: ${JSON.stringify(source)} is not a regular expression`)
      return regex
    })
  }
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source)
  } catch {
    return undefined
  }
}

/** As Go's strconv.ParseBool. */
function parseBoolean(text: string): boolean | undefined {
  if (/^(1|t|true)$/i.test(text)) return true
  return /^(0|f|false)$/i.test(text) ? false : undefined
}

function positiveDuration(text: string): number | undefined {
  const ms = parseDuration(text)
  return ms !== undefined && ms > 0 ? ms : undefined
}
