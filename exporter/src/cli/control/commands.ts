import type { Command } from 'commander'
import { openapi } from '../../contract/openapi.js'
import { version } from '../version.js'
import { addCommand } from './command.js'
import { addEventsCommand } from './events.js'
import { addEvictionCommand } from './eviction.js'
import { addFreezeCommands } from './freeze.js'
import { addOperationCommands } from './operations.js'
import { addPlanCommand } from './plan.js'
import { addRunCommand } from './run.js'
import { addShowCommand } from './show.js'
import type { Terminal } from './terminal.js'
import { addTokenCommand } from './token.js'
import { addWatchCommand } from './watch.js'

/** Adds the commands of the control plane to the program. */
export function addControlCommands(program: Command, terminal: Terminal): void {
  // What stands behind the name of a subcommand is that one's, also where the command has options of the same name.
  program.enablePositionalOptions()
  addPlanCommand(program, terminal)
  addShowCommand(program, terminal)
  addRunCommand(program, terminal)
  addWatchCommand(program, terminal)
  addOperationCommands(program, terminal)
  addFreezeCommands(program, terminal)
  addEvictionCommand(program, terminal)
  addEventsCommand(program, terminal)
  addTokenCommand(program, terminal)
  addCommand(program, 'openapi', 'print the OpenAPI description of the control API (JSON)').action(() => {
    terminal.print(JSON.stringify(openapi(version), null, 2))
    terminal.exit(0)
  })
}
