/**
 * `npm test`: the checks of the source (each counts as one test), then every test, from units to real servers. The last
 * line is `N passed, N failed`. `npm test -- <what vitest takes>` runs only those tests.
 *
 * Where a file with real servers fails, it is run once more, with new servers: the second run counts, and what failed at
 * first is named as unstable.
 */
import { spawn, type StdioOptions } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { repoRoot } from './servers.js'
import { filesToRunAgain, withSecondRun } from './test/again.js'
import { countTests, type Count, type VitestReport } from './test/count.js'

const CHECKS: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['lint', 'eslint', '.'],
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['import rules', 'depcruise', '--config', '.dependency-cruiser.mjs', 'exporter/src'],
  [
    'import rules of the app',
    'depcruise',
    '--config',
    'grafana-app/.dependency-cruiser.mjs',
    'grafana-app/src',
  ],
  ['types of the tests', 'tsc', '-p', 'tsconfig.test.json', '--noEmit'],
  ['types of the app', 'tsc', '-p', 'grafana-app/tsconfig.json', '--noEmit'],
]

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(filters: readonly string[]): Promise<void> {
  const counts = filters.length > 0 ? [] : await runChecks()
  counts.push(await runTests(filters))
  const sum = (pick: (count: Count) => number): number =>
    counts.reduce((total, count) => total + pick(count), 0)
  for (const note of counts.flatMap(({ notes }) => notes)) say(note)
  const failed = sum((count) => count.failed)
  say(`${sum((count) => count.passed)} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

async function runChecks(): Promise<Count[]> {
  const counts: Count[] = []
  for (const [name, program, ...args] of CHECKS) {
    const { exitCode, output } = await run(program, args, ['ignore', 'pipe', 'pipe'])
    const passed = exitCode === 0
    say(`${passed ? 'passed' : 'FAILED'}  ${name} (${[program, ...args].join(' ')})`)
    if (!passed) say(output)
    const notes = passed ? [] : [`failed: ${name}; its words are above`]
    counts.push({ passed: Number(passed), failed: Number(!passed), notes })
  }
  return counts
}

async function runTests(filters: readonly string[]): Promise<Count> {
  const { report, exitCode } = await runVitest(filters)
  const again = report && filters.length === 0 ? filesToRunAgain(report) : []
  if (again.length === 0) return countTests(report, exitCode, filters.length > 0)
  for (const file of again) say(`failed, and is run again: ${file}`)
  const second = await runVitest(again)
  if (!second.report) return countTests(report, exitCode)
  const { report: merged, notes } = withSecondRun(report!, second.report)
  const count = countTests(merged, second.exitCode)
  return { ...count, notes: [...notes, ...count.notes] }
}

async function runVitest(
  filters: readonly string[],
): Promise<{ report: VitestReport | undefined; exitCode: number | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'slotwise-test-'))
  try {
    const file = join(folder, 'report.json')
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters]
    const { exitCode } = await run('vitest', args, ['ignore', 'inherit', 'inherit'])
    return { report: readReport(file), exitCode }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}

/** Runs one of the workspace's programs at the root to its end; SIGTERM reaches it too. */
async function run(
  program: string,
  args: readonly string[],
  stdio: StdioOptions,
): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(join(repoRoot, 'node_modules/.bin', program), args, { cwd: repoRoot, stdio })
  const forward = (): void => void child.kill('SIGTERM')
  process.on('SIGTERM', forward)
  const printed = Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : Promise.resolve(''))),
  )
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  process.off('SIGTERM', forward)
  return { exitCode, output: (await printed).join('').trimEnd() }
}

await main(process.argv.slice(2))
