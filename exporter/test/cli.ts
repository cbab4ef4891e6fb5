import { Command, CommanderError } from 'commander'
import { addControlCommands } from '../src/cli/control/commands.js'
import type { Terminal } from '../src/cli/control/terminal.js'
import type { TestControl } from './control.js'

export interface Ran {
  readonly code: number | undefined
  readonly out: string
  readonly err: string
}

/** Runs one command of the program against a test's control API, as its token `me`, and keeps what it prints. */
export async function runCommand(
  control: Pick<TestControl, 'url' | 'tokens'>,
  args: readonly string[],
  more: Partial<Terminal> = {},
): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  let code: number | undefined
  const program = new Command('slotwise').exitOverride().configureOutput({
    writeOut: (text) => out.push(text),
    writeErr: (text) => err.push(text.trimEnd()),
  })
  addControlCommands(program, {
    print: (text) => out.push(text),
    note: (text) => err.push(text),
    env: { SLOTWISE_API: control.url, SLOTWISE_TOKEN: control.tokens.me ?? '' },
    exit: (given) => (code = given),
    onInterrupt: () => () => undefined,
    pollMs: 1,
    ...more,
  })
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error
    code = error.exitCode === 0 ? 0 : 2
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
