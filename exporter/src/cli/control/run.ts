import type { Command } from 'commander'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { renderOperation, renderPlan } from './render.js'
import type { Terminal } from './terminal.js'
import { watchOperation } from './watch.js'

interface RunFlags extends ApiFlags {
  readonly confirm: string
  readonly reason: string
  readonly hash?: string
  readonly override?: readonly string[]
  readonly watch?: boolean
}

/** `slotwise run PLAN` */
export function addRunCommand(program: Command, terminal: Terminal): void {
  addApiCommand(program, 'run <plan>', 'run a plan, once')
    .requiredOption('--confirm <cluster>', "the cluster's name, typed again (required)")
    .requiredOption('--reason <text>', 'why, for whoever reads the log later (required)')
    .option('--hash <hash>', "the plan's hash (default: asks for the plan and shows what it changes)")
    .option('--override <check...>', 'run in spite of these checks that block the plan, by name')
    .option('--watch', 'stay until it is over; exit 1 unless it succeeded')
    .action(async (id: string, flags: RunFlags, command: Command) =>
      runAgainstApi(command, terminal, async (client) => {
        const { confirm, reason, hash, override, watch, json } = flags
        const body = { confirm, reason, hash: hash ?? '', ...(override && { override: [...override] }) }
        if (hash === undefined) {
          const plan = await client.call('getPlan', { params: { id } })
          if (!json) terminal.print(renderPlan(plan))
          // A plan that is not ready has none; the API says why it cannot be run.
          body.hash = plan.hash ?? ''
        }
        const operation = await client.call('runPlan', { params: { id }, body })
        if (watch) return watchOperation(client, id, terminal, json === true)
        terminal.print(json ? JSON.stringify(operation, null, 2) : renderOperation(operation))
        return 0
      }),
    )
}
