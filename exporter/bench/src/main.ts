/**
 * The benchmarks: `npm run bench` runs every suite, `npm run bench -- exporter` one of them. Absolute figures differ
 * from machine to machine and from minute to minute, so programs are measured in turn and compared as ratios.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { stopAllChildren } from '../../../stack/dist/child.js'
import { evictKeysSuite } from './evict-keys-suite.js'
import { eventsSuite } from './events-suite.js'
import { exporterSuite } from './exporter-suite.js'
import { policySuite } from './policy-suite.js'
import type { Suite } from './suite.js'
import { machine, renderReport } from './table.js'
import { warmupSuite } from './warmup-suite.js'

const suites: readonly Suite[] = [exporterSuite, warmupSuite, policySuite, evictKeysSuite, eventsSuite]

interface Flags {
  rounds: number
  nodes: number
  simulated: number[]
  keys: number
  events: number
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const progress = (line: string): void => void process.stderr.write(`... ${line}\n`)

const program = new Command('bench')
  .description('Measures Slotwise and its peers side by side on this machine.')
  .argument('[suites...]', `which to run (default: all): ${suites.map(({ name }) => name).join(', ')}`)
  .option('--rounds <n>', 'how often everything is measured; medians count', atLeast(1), 5)
  .option('--nodes <n>', 'nodes of the real cluster, half of them replicas', atLeast(2), 30)
  .option('--simulated <n,...>', 'sizes of the simulated fleets', sizes, [300, 1000])
  .option('--keys <n>', 'how many keys a warmup copies, and evict-keys unlinks', atLeast(1000), 300_000)
  .option('--events <n>', 'how many events the log has that a start reads', atLeast(1000), 1_000_000)
  .addHelpText(
    'after',
    `\nSuites:\n${suites.map((s) => `  ${s.name.padEnd(10)} ${s.description}`).join('\n')}`,
  )
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bench: ')) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run)

async function run(names: string[], flags: Flags): Promise<void> {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name))
  if (unknown !== undefined) program.error(`error: no suite is called ${unknown}; see --help`)
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name))
  say(machine())
  for (const suite of chosen) {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-bench-'))
    try {
      const options = { ...flags, nodes: flags.nodes - (flags.nodes % 2), dir, say: progress }
      for await (const report of suite.run(options)) say(`\n${renderReport(report)}`)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`expected a whole number, ${least} or more.`)
    return value
  }
}

function sizes(text: string): number[] {
  return text === '' ? [] : text.split(',').map(atLeast(2))
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopAllChildren().then(() => process.exit(1))
  })
}
try {
  await program.parseAsync()
} catch (error) {
  await stopAllChildren()
  process.stderr.write(`bench: ${(error as Error).message}\n`)
  process.exitCode = 1
}
