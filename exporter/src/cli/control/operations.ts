import type { Command } from 'commander'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { ApiError } from './client.js'
import { renderOperation, renderOperations, renderPlan } from './render.js'
import type { Terminal } from './terminal.js'
import { bytes, EXPECTED, number, type Parse } from './values.js'

const VERBS = {
  pause: ['pauseOperation', 'pause an operation; what is under way on a node ends first'],
  resume: ['resumeOperation', 'let a paused operation go on'],
  cancel: [
    'cancelOperation',
    'end an operation; what it has set is set back where its kind can; or end a plan that is being made',
  ],
} as const

/** `slotwise operations`, `pause`, `resume`, `cancel` and `rate` */
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
          const call = { params: { id }, body }
          const operation = await client.call(name, call).catch((error: unknown) => {
            // A plan that was not run is no operation.
            if (name !== 'cancelOperation' || !isUnknown(error)) throw error
          })
          if (!operation) {
            const plan = await client.call('cancelPlan', call)
            terminal.print(json ? JSON.stringify(plan, null, 2) : renderPlan(plan))
            return 0
          }
          terminal.print(json ? JSON.stringify(operation, null, 2) : renderOperation(operation))
          return 0
        }),
      )
  }
  addRateCommand(program, terminal)
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

interface RateFlags extends ApiFlags {
  readonly keysPerSecond?: string
  readonly bytesPerSecond?: string
}

function addRateCommand(program: Command, terminal: Terminal): void {
  addApiCommand(program, 'rate <operation>', 'change the rate of an operation; what is not given stays')
    .option('--keys-per-second <number>', 'at most so many keys a second')
    .option('--bytes-per-second <bytes>', 'at most so many bytes a second, e.g. 50mb')
    .action(async (id: string, flags: RateFlags, command: Command) => {
      const { keysPerSecond, bytesPerSecond, json } = flags
      if (keysPerSecond === undefined && bytesPerSecond === undefined)
        command.error('error: give --keys-per-second, --bytes-per-second or both', { exitCode: 2 })
      const read = (flag: string, text: string, parse: Parse) =>
        (parse(text) as number | undefined) ??
        command.error(`error: ${flag}: '${text}' is not ${EXPECTED.get(parse)!}`, { exitCode: 2 })
      const rate = {
        ...(keysPerSecond !== undefined && {
          keysPerSecond: read('--keys-per-second', keysPerSecond, number),
        }),
        ...(bytesPerSecond !== undefined && {
          bytesPerSecond: read('--bytes-per-second', bytesPerSecond, bytes),
        }),
      }
      await runAgainstApi(command, terminal, async (client) => {
        const operation = await client.call('changeRate', { params: { id }, body: { rate } })
        terminal.print(json ? JSON.stringify(operation, null, 2) : renderOperation(operation))
        return 0
      })
    })
}
