import { CommanderError } from 'commander'
import { assertCommand, makeProgram, normalizeArguments } from './cli/program.js'
import { ConfigError } from './config/config.js'

/** 0 done, 1 failed or not healthy, 2 bad usage or configuration. */
try {
  const args = normalizeArguments(process.argv.slice(2))
  const program = await makeProgram(args, (code) => (process.exitCode = code))
  assertCommand(program, args)
  await program.parseAsync(args, { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) {
    const helped = error.exitCode === 0
    process.exitCode = helped ? 0 : 2
    if (error.code === 'slotwise.usage') process.stderr.write(`slotwise: ${error.message}\n`)
  } else if (error instanceof ConfigError) {
    process.stderr.write(`slotwise: ${error.message}\n`)
    // Listeners and timers may be there already.
    process.exit(2)
  } else {
    throw error
  }
}
