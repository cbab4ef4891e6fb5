import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { ENDED_STATES } from '../../contract/api.js'
import { ApiError, type ControlClient } from './client.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { renderOperation } from './render.js'
import type { Terminal } from './terminal.js'
import { bars, jsonLines, textLines } from './watch-views.js'

/** Looks in a row that may get no answer, as while Slotwise is restarted. */
const MOST_MISSES = 120

/** `slotwise watch OPERATION` */
export function addWatchCommand(program: Command, terminal: Terminal): void {
  addApiCommand(
    program,
    'watch <operation>',
    'follow an operation until it is over; exit 1 unless it succeeded',
  ).action(async (id: string, { json }: ApiFlags, command: Command) =>
    runAgainstApi(command, terminal, (client) => watchOperation(client, id, terminal, json === true)),
  )
}

/**
 * Shows an operation until it is over: bars where somebody looks, else a line for what happened; JSON: a line for
 * each change.
 * @returns the exit code: 0 when it succeeded, else 1
 */
export async function watchOperation(
  client: ControlClient,
  id: string,
  terminal: Terminal,
  json: boolean,
): Promise<number> {
  const show = json ? jsonLines(terminal) : terminal.progress ? bars(terminal.progress) : textLines(terminal)
  let misses = 0
  try {
    for (;;) {
      const operation = await client.call('getOperation', { params: { id } }).catch((error: unknown) => {
        if (!(error instanceof ApiError) || !error.passing || ++misses > MOST_MISSES) throw error
        if (misses === 1) terminal.note(`${error.message}; trying on`)
        return undefined
      })
      if (operation) {
        misses = 0
        show.update(operation)
        if (ENDED_STATES.has(operation.state)) {
          show.stop()
          if (!json) terminal.print(renderOperation(operation))
          return operation.state === 'succeeded' ? 0 : 1
        }
      }
      await sleep(terminal.pollMs)
    }
  } finally {
    show.stop()
  }
}
