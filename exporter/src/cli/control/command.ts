import type { Plan } from '../../contract/operations.js'
import type { Command } from 'commander'
import { ApiError, ControlClient } from './client.js'
import { harmless, harmlessIn, type Terminal } from './terminal.js'

export const STANDARD_API = 'http://127.0.0.1:8121'

/** Options that every command which speaks to the API has. */
export interface ApiFlags {
  readonly api?: string
  readonly json?: boolean
}

/** A command with `--help` and `--json`, and errors of one line. */
export function addCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .helpOption('--help', 'print this help')
    .showSuggestionAfterError(false)
    .option('--json', 'print JSON')
}

/** A command that speaks to the API. */
export function addApiCommand(parent: Command, usage: string, description: string): Command {
  return addCommand(parent, usage, description)
    .option('--api <url>', `address of the control API (default ${STANDARD_API}) [SLOTWISE_API]`)
    .addHelpText('after', '\nThe token is read from SLOTWISE_TOKEN.')
}

/**
 * Runs a command against the API; what it returns is the exit code. A refusal is told in a line (with `--json`: as the
 * problem document) and exits 1.
 */
export async function runAgainstApi(
  command: Command,
  terminal: Terminal,
  act: (client: ControlClient) => Promise<number>,
): Promise<void> {
  const { api, json } = command.opts<ApiFlags>()
  const { SLOTWISE_API = '', SLOTWISE_TOKEN = '' } = terminal.env
  const address = (api ?? (SLOTWISE_API === '' ? STANDARD_API : SLOTWISE_API)).replace(/\/+$/, '')
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    command.error(`error: --api: '${address}' is no address such as ${STANDARD_API}`, { exitCode: 2 })
  try {
    const token = SLOTWISE_TOKEN === '' ? undefined : SLOTWISE_TOKEN
    terminal.exit(await act(new ControlClient(address, token, json ? undefined : harmlessIn)))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (json && error.problem) terminal.print(JSON.stringify(error.problem, null, 2))
    else for (const line of explain(error)) terminal.note(harmless(line))
    terminal.exit(1)
  }
}

function explain({ message, problem, status }: ApiError): string[] {
  const { difference, freshPlan, problems } = problem ?? {}
  return [
    `slotwise: ${message}${status === 401 ? '; the token is read from SLOTWISE_TOKEN' : ''}`,
    ...listed(problems)
      .map((entry) =>
        Object.values(entry as object)
          .filter((part) => part !== '')
          .join(': '),
      )
      .filter((text) => !message.includes(text))
      .map((text) => `  ${text}`),
    ...listed(difference).map((entry) => `  changed since: ${String(entry)}`),
    ...(isPlan(freshPlan)
      ? [`  fresh plan: ${freshPlan.id} (${freshPlan.state}); read it: slotwise show ${freshPlan.id}`]
      : []),
  ]
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'id' in value && 'state' in value
}
