/** What of vitest's JSON report is counted. */
export interface VitestReport {
  success: boolean
  testResults: {
    /** Absolute path of the file. */
    name: string
    status: 'passed' | 'failed'
    /** Why the file as a whole failed. */
    message: string
    assertionResults: {
      fullName: string
      status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled'
    }[]
  }[]
}

export interface Count {
  passed: number
  failed: number
  /** Lines that explain failures which vitest itself does not call so. */
  notes: string[]
}

/**
 * Counts tests. A test that did not run counts as failed: nobody is to take it for a passed one. So does a file that
 * could not be read, and a run that failed without a failed test (an error outside of any).
 * @param report undefined when vitest ended before it wrote one
 * @param exitCode vitest's
 * @param narrowed only some tests were asked for; then those that did not run are not counted
 */
export function countTests(
  report: VitestReport | undefined,
  exitCode: number | null,
  narrowed = false,
): Count {
  const count: Count = { passed: 0, failed: 0, notes: [] }
  const fail = (note?: string): void => {
    count.failed++
    if (note !== undefined) count.notes.push(note)
  }
  for (const file of report?.testResults ?? []) {
    for (const { fullName, status } of file.assertionResults) {
      if (status === 'passed') count.passed++
      else if (status === 'failed') fail()
      else if (!narrowed) fail(`did not run (${status}), which counts as failed: ${fullName}`)
    }
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
      fail(`the file failed outside of its tests: ${file.name}`)
  }
  if (report === undefined) fail(`vitest ended without a report (exit code ${exitCode ?? 'none'})`)
  else if (exitCode !== 0 && count.failed === 0)
    fail('vitest found an error outside of every test; see above')
  return count
}
