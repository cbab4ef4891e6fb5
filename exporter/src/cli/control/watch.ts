import { setTimeout as sleep } from 'node:timers/promises'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { ENDED_STATES } from '../../contract/api.js'
import type { Operation } from '../../contract/operations.js'
import { ApiError, type ControlClient } from './client.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { renderOperation, shortTime } from './render.js'
import { harmless, type Terminal } from './terminal.js'

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
 * Shows an operation until it is over: a bar where somebody looks, else a line for what happened; JSON: a line for
 * each change.
 * @returns the exit code: 0 when it succeeded, else 1
 */
export async function watchOperation(
  client: ControlClient,
  id: string,
  terminal: Terminal,
  json: boolean,
): Promise<number> {
  const show = json ? jsonLines(terminal) : terminal.progress ? bar(terminal.progress) : textLines(terminal)
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

interface View {
  update(operation: Operation): void
  stop(): void
}

function jsonLines(terminal: Terminal): View {
  let last = ''
  return {
    update: (operation) => {
      const text = JSON.stringify(operation)
      if (text !== last) terminal.print(text)
      last = text
    },
    stop: () => undefined,
  }
}

function textLines(terminal: Terminal): View {
  let shown = 0
  return {
    update: ({ timeline }) => {
      for (const { time, text } of timeline.slice(shown))
        terminal.print(harmless(`${shortTime(time)}  ${text}`))
      shown = Math.max(shown, timeline.length)
    },
    stop: () => undefined,
  }
}

function bar(stream: NodeJS.WriteStream): View {
  const made = new SingleBar(
    { format: '{state} [{bar}] {value}/{total}  {text}', stream, hideCursor: true, fps: 20 },
    Presets.legacy,
  )
  let started = false
  return {
    update: ({ state, progress, gates, timeline, summary }) => {
      const text = harmless(gates[0] ?? timeline.at(-1)?.text ?? summary).replaceAll('\n', ' ')
      const payload = { state: state.padEnd(9), text }
      if (!started) made.start(progress.total, progress.done, payload)
      else {
        made.setTotal(progress.total)
        made.update(progress.done, payload)
      }
      started = true
    },
    stop: () => made.stop(),
  }
}
