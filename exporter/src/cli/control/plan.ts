import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { AnswerOf, ControlClient } from './client.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { renderPlan } from './render.js'
import type { Terminal } from './terminal.js'

interface PlanFlags extends ApiFlags {
  readonly cluster: string
  readonly set?: readonly string[]
  readonly spec?: string
  readonly wait?: boolean
}

/** `slotwise plan KIND` */
export function addPlanCommand(program: Command, terminal: Terminal): void {
  addApiCommand(program, 'plan <kind>', 'plan an operation; touches nothing')
    .requiredOption('--cluster <name>', 'the cluster to plan for')
    .option('--set <key=value...>', 'a value of the spec; dots lead inside: rate.keysPerSecond=500')
    .option('--spec <file>', 'the spec as a JSON file, instead of --set')
    .option('--wait', 'wait until it is ready and show what it would change; exit 1 when it is refused')
    .action(async (kind: string, { cluster, json, wait, ...flags }: PlanFlags, command: Command) => {
      const spec = specOf(flags, (problem) => command.error(`error: ${problem}`, { exitCode: 2 }))
      await runAgainstApi(command, terminal, async (client) => {
        const asked = await client.call('createPlan', { params: { cluster }, body: { kind, spec } })
        const plan = wait ? await waitForPlan(client, asked, terminal.pollMs) : asked
        terminal.print(json ? JSON.stringify(plan, null, 2) : renderPlan(plan))
        if (!json && plan.state === 'ready')
          terminal.print(`run it: slotwise run ${plan.id} --confirm ${cluster} --reason '...'`)
        return plan.state === 'ready' || plan.state === 'planning' ? 0 : 1
      })
    })
}

async function waitForPlan(client: ControlClient, asked: AnswerOf<'createPlan'>, pollMs: number) {
  let plan = asked
  while (plan.state === 'planning') {
    await sleep(pollMs)
    plan = await client.call('getPlan', { params: { id: plan.id } })
  }
  return plan
}

/** The spec out of `--set` or `--spec`; `fail` does not return. */
export function specOf(
  { set = [], spec }: Pick<PlanFlags, 'set' | 'spec'>,
  fail: (problem: string) => never,
): Record<string, unknown> {
  if (spec === undefined) return assemble(set, fail)
  if (set.length > 0) fail('give --set or --spec, not both')
  let content: unknown
  try {
    content = JSON.parse(readFileSync(spec, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    fail(
      `--spec ${spec}: ${code === undefined ? `not JSON: ${message}` : code === 'ENOENT' ? 'no such file' : code}`,
    )
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>
  return fail(`--spec ${spec}: not a JSON object`)
}

function assemble(pairs: readonly string[], fail: (problem: string) => never): Record<string, unknown> {
  const spec: Record<string, unknown> = {}
  for (const pair of pairs) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? fail(`--set ${pair}: expected key=value`)
    const path = key!.split('.')
    if (path.some((part) => part === '' || part === '__proto__')) fail(`--set ${pair}: ${key} is no key`)
    const last = path.pop()!
    let place = spec
    for (const part of path) {
      const inner = Object.hasOwn(place, part) ? place[part] : (place[part] = {})
      if (typeof inner !== 'object') fail(`--set ${pair}: ${part} has a value already`)
      place = inner as Record<string, unknown>
    }
    if (Object.hasOwn(place, last)) fail(`--set ${pair}: ${key} is there twice`)
    place[last] = valueOf(text!)
  }
  return spec
}

/** true, false and numbers as such; all else is text. */
function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text
}
