import { CommanderError } from 'commander'
import { makeProgram, normalizeArguments } from './cli/program.js'
import { ConfigError } from './config/config.js'

/** 0 done, 1 failed or not healthy, 2 bad usage or configuration. */
try {
  const program = makeProgram((code) => (process.exitCode = code))
  await program.parseAsync(normalizeArguments(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) {
    const helped = error.exitCode === 0
    process.exitCode = helped ? 0 : 2
    if (error.code === 'slotwise.notYet') process.stderr.write(`${error.message}\n`)
  } else if (error instanceof ConfigError) {
    process.exitCode = 2
    process.stderr.write(`slotwise: ${error.message}\n`)
  } else {
    throw error
  }
}
