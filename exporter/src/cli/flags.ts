import { Option as CommandOption, type Command } from 'commander'
import type { Option } from '../config/option.js'

/** Gives a command the options as flags. */
export function withFlags(command: Command, options: readonly Option[]): Command {
  for (const { flag, type, default: standard, help, env } of options) {
    const value = type === 'boolean' ? '[bool]' : `<${type}>`
    const told = standard === '' ? '' : ` (default ${standard})`
    command.option(`--${flag} ${value}`, `${help}${told} [${env}]`)
  }
  return command
}

/** Those of the options that were given as flags, by their names. */
export function flagsOf(
  given: Readonly<Record<string, string | boolean>>,
  options: readonly Option[],
): Record<string, string> {
  const flags = options.flatMap(({ flag }) => {
    // commander's name for it: `web.listen-address` -> `web.listenAddress`.
    const value = given[new CommandOption(`--${flag}`).attributeName()]
    return value === undefined ? [] : [[flag, String(value)] as const]
  })
  return Object.fromEntries(flags)
}
