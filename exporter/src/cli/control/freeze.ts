import type { Command } from 'commander'
import type { AnswerOf } from './client.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { shortTime } from './render.js'
import { harmless, type Terminal } from './terminal.js'

const VERBS = {
  freeze: [
    true,
    'pause all operations of all clusters and refuse new ones; needs a token with the scope admin',
  ],
  unfreeze: [false, 'end a freeze; what it paused waits until it is resumed'],
} as const

/** `slotwise freeze` and `unfreeze` */
export function addFreezeCommands(program: Command, terminal: Terminal): void {
  for (const [verb, [on, description]] of Object.entries(VERBS)) {
    addApiCommand(program, verb, description)
      .requiredOption('--reason <text>', 'why, for whoever reads the log later (required)')
      .action(async ({ reason, json }: ApiFlags & { reason: string }, command: Command) =>
        runAgainstApi(command, terminal, async (client) => {
          const frozen = await client.call('setFreeze', { body: { on, reason } })
          terminal.print(json ? JSON.stringify(frozen, null, 2) : renderFreeze(frozen, reason))
          return 0
        }),
      )
  }
}

/** @param given the reason of this call; somebody may have frozen before for another */
function renderFreeze({ on, reason, by, since }: AnswerOf<'setFreeze'>, given: string): string {
  if (!on) return 'operations are no longer frozen; resume those that it paused: slotwise resume OPERATION'
  const when = since === undefined ? '' : ` since ${shortTime(since)}`
  const who = by ? ` by ${by.token}` : ''
  const second = reason === given ? '' : '\nthey were frozen already; your reason is in the event log'
  return harmless(
    `operations are frozen${who}${when}: ${reason}${second}\nend it: slotwise unfreeze --reason '...'`,
  )
}
