import type { VitestReport } from './count.js'

type FileResult = VitestReport['testResults'][number]

/** More failed files than this are no accident of a busy machine. */
const MOST = 3

/**
 * The files that deserve a second run: those that failed and talk to real servers or a browser, if they are few. What
 * needs nothing but this checkout has no excuse.
 * @returns absolute paths; empty when nothing is to be run again
 */
export function filesToRunAgain({ testResults }: VitestReport): string[] {
  const failed = testResults.filter(isFailed)
  const real = failed.filter(({ name }) => /\/test\/(real|browser)\//.test(name))
  return failed.length === real.length && real.length <= MOST ? real.map(({ name }) => name) : []
}

/**
 * A report in which the second run of some files stands in the place of their first.
 * @returns the report, and a line for each test that failed at first and passes now: nobody is to overlook it
 */
export function withSecondRun(
  first: VitestReport,
  second: VitestReport,
): { report: VitestReport; notes: string[] } {
  const again = new Map(second.testResults.map((file) => [file.name, file]))
  const testResults = first.testResults.map((file) => again.get(file.name) ?? file)
  const notes = first.testResults
    .filter((file) => isFailed(file) && again.has(file.name) && !isFailed(again.get(file.name)!))
    .flatMap((file) => {
      const names = file.assertionResults.filter(({ status }) => status === 'failed')
      return names.length > 0 ? names.map(({ fullName }) => fullName) : [file.name]
    })
    .map((name) => `UNSTABLE: failed at first and passed when its file was run again: ${name}`)
  return { report: { success: !testResults.some(isFailed), testResults }, notes }
}

function isFailed({ status, assertionResults }: FileResult): boolean {
  return status === 'failed' || assertionResults.some((test) => test.status === 'failed')
}
