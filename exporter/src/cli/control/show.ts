import type { Command } from 'commander'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { howToRun } from './plan.js'
import { renderOperation, renderPlan, renderTimeline } from './render.js'
import type { Terminal } from './terminal.js'

/** `slotwise show PLAN` */
export function addShowCommand(program: Command, terminal: Terminal): void {
  addApiCommand(
    program,
    'show <plan>',
    'show a plan, how to run it, and once it was run what came of it; touches nothing',
  ).action(async (id: string, { json }: ApiFlags, command: Command) =>
    runAgainstApi(command, terminal, async (client) => {
      const plan = await client.call('getPlan', { params: { id } })
      const operation =
        plan.operation === undefined ? undefined : await client.call('getOperation', { params: { id } })
      if (json) terminal.print(JSON.stringify({ plan, ...(operation && { operation }) }, null, 2))
      else {
        terminal.print(renderPlan(plan))
        if (plan.state === 'ready' && !operation) terminal.print(howToRun(plan))
        if (operation) terminal.print(`${renderTimeline(operation)}\n${renderOperation(operation)}`)
      }
      return 0
    }),
  )
}
