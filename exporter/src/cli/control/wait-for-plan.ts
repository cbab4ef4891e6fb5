import { setTimeout as sleep } from 'node:timers/promises'
import { Presets, SingleBar } from 'cli-progress'
import { ApiError, type AnswerOf, type ControlClient } from './client.js'
import type { Terminal } from './terminal.js'

type Plan = AnswerOf<'getPlan'>

/**
 * Waits until a plan is made; a bar shows how far it is where somebody looks. Ctrl-C cancels it, and then it is
 * refused.
 * @throws ApiError
 */
export async function waitForPlan(
  client: ControlClient,
  asked: Plan,
  terminal: Terminal,
  json: boolean,
): Promise<Plan> {
  const call = { params: { id: asked.id } }
  const interrupt = new AbortController()
  const forget = terminal.onInterrupt(() => interrupt.abort())
  const bar = json ? undefined : barOn(terminal)
  let plan = asked
  try {
    while (plan.state === 'planning') {
      await sleep(terminal.pollMs, undefined, { signal: interrupt.signal }).catch(() => undefined)
      if (interrupt.signal.aborted) await cancel(client, asked.id)
      plan = await client.call('getPlan', call)
      if (plan.progress) bar?.show(plan.progress)
    }
    return plan
  } finally {
    bar?.stop()
    forget()
  }
}

async function cancel(client: ControlClient, id: string): Promise<void> {
  const call = { params: { id }, body: { reason: 'interrupted on the command line' } }
  await client.call('cancelPlan', call).catch((error: unknown) => {
    // It was made meanwhile, or somebody else was faster.
    if (!(error instanceof ApiError) || error.status !== 409) throw error
  })
}

function barOn({ progress: stream }: Terminal) {
  if (!stream) return undefined
  const format = 'planning [{bar}] {percentage} % looked at'
  const bar = new SingleBar({ stream, hideCursor: true, fps: 10, format }, Presets.legacy)
  let started = false
  return {
    show({ done, total }: NonNullable<Plan['progress']>): void {
      if (!started) bar.start(total, done)
      else bar.update(done)
      started = true
    },
    stop: () => bar.stop(),
  }
}
