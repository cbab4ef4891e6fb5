import type { Command } from 'commander'
import { FIELDS } from '../../contract/kinds/eviction-policy.js'
import type { AnswerOf } from './client.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { addKindFlags, kindFlags } from './kind-flags.js'
import { renderPlan } from './render.js'
import { setFlag, specOf } from './spec.js'
import type { Terminal } from './terminal.js'
import { waitForPlan } from './wait-for-plan.js'

interface PlanFlags extends ApiFlags {
  readonly cluster: string
  readonly set?: readonly string[]
  readonly spec?: string
  readonly wait?: boolean
}

/** `slotwise plan KIND` */
export function addPlanCommand(program: Command, terminal: Terminal): void {
  const command = addApiCommand(program, 'plan <kind>', 'plan an operation; touches nothing')
    .requiredOption('--cluster <name>', 'the cluster to plan for (required)')
    .option('--set <key=value...>', 'a value of the spec; dots lead inside: rate.keysPerSecond=500')
    .option('--spec <file>', 'the spec as a JSON file, instead of --set')
    .option(
      '--wait',
      'wait until it is ready and show what it would change; exit 1 when it is refused; Ctrl-C cancels it',
    )
  addKindFlags(command)
    .addHelpText('after', KINDS)
    .action(
      async (kind: string, { cluster, json, wait, set = [], spec: file }: PlanFlags, command: Command) => {
        const fail = (problem: string) => command.error(`error: ${problem}`, { exitCode: 2 })
        const given = [...kindFlags(command, kind, fail), ...set.map((pair) => setFlag(pair, fail))]
        const spec = specOf(given, file, fail)
        if (kind === 'warmup' && !Object.hasOwn(spec, 'source'))
          fail('say where to copy from: --from-cluster, --from-source or --from-file')
        if (kind === 'evict-keys' && !Object.hasOwn(spec, 'match'))
          fail("say which keys: --match 'session:*'; --match '*' --all for every key")
        await runAgainstApi(command, terminal, async (client) => {
          const asked = await client.call('createPlan', { params: { cluster }, body: { kind, spec } })
          const plan = wait ? await waitForPlan(client, asked, terminal, json === true) : asked
          terminal.print(json ? JSON.stringify(plan, null, 2) : renderPlan(plan))
          if (!json && plan.state === 'ready') terminal.print(howToRun(plan))
          return plan.state === 'ready' || plan.state === 'planning' ? 0 : 1
        })
      },
    )
}

/** The command that runs a plan, with what has to be said where it is blocked. */
export function howToRun({ id, cluster, blockers = [] }: AnswerOf<'getPlan'>): string {
  const checks = [...new Set(blockers.map(({ check }) => check))]
  const override = checks.length > 0 ? ` --override ${checks.join(' ')}` : ''
  return `run it: slotwise run ${id} --confirm ${cluster}${override} --reason '...'`
}

const KINDS = `
Kinds:
  eviction-policy  what decides about evictions, on every node; --set of
                   ${wrapped(FIELDS, 19)},
                   allowEviction, persist:
                   --set policy=allkeys-lfu --set maxmemory=2gb
  warmup           fills the cluster from another one, a node or a file
  evict-keys       unlinks keys that meet every criterion; there is no undo
docs/operations.md says what each takes.`

/** Names by comma, in lines of at most 80 columns. */
function wrapped(names: readonly string[], indent: number): string {
  const lines = ['']
  for (const name of names) {
    const line = lines.at(-1)!
    const longer = line === '' ? name : `${line}, ${name}`
    if (longer.length + indent < 80) lines[lines.length - 1] = longer
    else lines.push(name)
  }
  return lines.join(`,\n${' '.repeat(indent)}`)
}
