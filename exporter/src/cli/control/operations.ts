import type { Command } from 'commander'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { renderOperation, renderOperations } from './render.js'
import type { Terminal } from './terminal.js'

const VERBS = {
  pause: ['pauseOperation', 'pause an operation; what is under way on a node ends first'],
  resume: ['resumeOperation', 'let a paused operation go on'],
  cancel: ['cancelOperation', 'end an operation; what it has set is set back where its kind can'],
} as const

/** `slotwise operations`, `pause`, `resume` and `cancel` */
export function addOperationCommands(program: Command, terminal: Terminal): void {
  addApiCommand(program, 'operations', 'list operations, newest first')
    .option('--cluster <name>', 'only those of this cluster')
    .action(async ({ cluster, json }: ApiFlags & { cluster?: string }, command: Command) =>
      runAgainstApi(command, terminal, async (client) => {
        const { operations } = await client.call('listOperations', {
          query: cluster === undefined ? {} : { cluster },
        })
        terminal.print(json ? JSON.stringify(operations, null, 2) : renderOperations(operations))
        return 0
      }),
    )
  for (const [verb, [name, description]] of Object.entries(VERBS)) {
    addApiCommand(program, `${verb} <operation>`, description)
      .option('--reason <text>', 'why, for whoever reads the log later')
      .action(async (id: string, { reason, json }: ApiFlags & { reason?: string }, command: Command) =>
        runAgainstApi(command, terminal, async (client) => {
          const body = reason === undefined ? {} : { reason }
          const operation = await client.call(name, { params: { id }, body })
          terminal.print(json ? JSON.stringify(operation, null, 2) : renderOperation(operation))
          return 0
        }),
      )
  }
}
