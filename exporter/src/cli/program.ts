import { Command, CommanderError } from 'commander'
import type { Config } from '../config/config.js'
import { options } from '../config/options.js'
import { loadConfig } from './config.js'
import { escaped } from './control/terminal.js'
import { flagsOf, withFlags } from './flags.js'
import { version } from './version.js'

/**
 * Makes the command line. Code is loaded when it is used: an exporter that only scrapes keeps none of the rest.
 * @param args what it is made for, normalized
 * @param exit takes the exit code of a command that ended
 */
export async function makeProgram(args: readonly string[], exit: (code: number) => void): Promise<Command> {
  const program = new Command('slotwise')
    .description('Watches Redis and Valkey Clusters: every node, for Prometheus.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()

  withOptions(
    program.command('serve', { isDefault: true }).description('serve the metrics (the default)'),
  ).action(async (flags: Record<string, string | boolean>) => {
    const config = configOf(flags)
    const { serve } = await import('./serve.js')
    await serve(config)
  })
  withOptions(
    program
      .command('check')
      .description('read everything once, print a table and a verdict; exit 1 when not healthy'),
  )
    .option('--json', 'print JSON')
    .action(async ({ json, ...flags }: Record<string, string | boolean>) => {
      const config = configOf(flags)
      const { check } = await import('./check.js')
      exit(await check(config, json === true, print, warn))
    })
  // Whoever reads the output may have had enough of it (`slotwise events --follow | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  if (isForServe(args)) return program
  const { addControlCommands } = await import('./control/commands.js')
  addControlCommands(program, {
    print,
    note: (text) => process.stderr.write(`${escaped(text)}\n`),
    env: process.env,
    exit,
    onInterrupt: (act) => {
      process.once('SIGINT', act)
      return () => process.off('SIGINT', act)
    },
    ...(process.stdout.isTTY && { progress: process.stdout }),
    pollMs: 500,
  })
  return program
}

/** Whether no other command is meant, or to be listed. */
function isForServe(args: readonly string[]): boolean {
  const [first = 'serve'] = args
  return (first === 'serve' || first.startsWith('-')) && !args.includes('-h') && !args.includes('--help')
}

function withOptions(command: Command): Command {
  command.version(version, '--version', 'print the version').helpOption('-h, --help', 'print this help')
  return withFlags(command, options)
}

function configOf(values: Record<string, string | boolean>): Config {
  return loadConfig(flagsOf(values, options), process.env)
}

/** @throws CommanderError the first argument is neither a flag nor a command */
export function assertCommand(program: Command, args: readonly string[]): void {
  const [first] = args
  const names = [...program.commands.map((command) => command.name()), 'help']
  if (first === undefined || first.startsWith('-') || names.includes(first)) return
  throw usageError(`${first}: no such command; there are ${names.join(', ')}`)
}

/** Bad usage that commander does not find by itself; main.ts prints it. */
function usageError(message: string): CommanderError {
  return new CommanderError(2, 'slotwise.usage', message)
}

/** Makes Go-style arguments (`-redis.addr=x`) and `--no-collector.NAME` ordinary ones, of a collector that there is. */
export function normalizeArguments(args: readonly string[]): string[] {
  return args.map((arg) => {
    const long = /^-[a-z][a-z0-9._-]+(=|$)/.test(arg) ? `-${arg}` : arg
    const off = options.find(({ flag }) => flag.startsWith('collector.') && long === `--no-${flag}`)
    return off ? `--${off.flag}=false` : long
  })
}

function print(text: string): void {
  process.stdout.write(`${escaped(text)}\n`)
}

function warn(text: string): void {
  process.stderr.write(`warning: ${escaped(text)}\n`)
}
