import { describe, expect, test } from 'vitest'
import { filesToRunAgain, withSecondRun } from '../../src/test/again.js'
import type { VitestReport } from '../../src/test/count.js'

const file = (name: string, ...statuses: ('passed' | 'failed')[]): VitestReport['testResults'][number] => ({
  name: `/repo/${name}`,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map((status, i) => ({ fullName: `${name} ${i}`, status })),
})
const report = (...testResults: VitestReport['testResults']): VitestReport => ({
  success: false,
  testResults,
})
const [real, browser, unit] = [
  'a/test/real/a.test.ts',
  'b/test/browser/b.test.ts',
  'c/src/c.test.ts',
] as const

describe('a file that failed', () => {
  test.each([
    [
      'is run again when it has real servers or a browser',
      [file(real, 'failed'), file(browser, 'failed')],
      2,
    ],
    ['is not when it needs nothing but the checkout', [file(real, 'failed'), file(unit, 'failed')], 0],
    ['is not when it is one of many', Array.from({ length: 4 }, () => file(real, 'failed')), 0],
    ['is not when it passed', [file(real, 'passed'), file(unit, 'passed')], 0],
  ])('%s', (_, files, count) => {
    expect(filesToRunAgain(report(...files))).toHaveLength(count)
  })

  test('counts as its second run came out, and what was unstable is named', () => {
    const first = report(file(real, 'passed', 'failed'), file(browser, 'failed'), file(unit, 'passed'))
    const second = report(file(real, 'passed', 'passed'), file(browser, 'failed'))
    const { report: merged, notes } = withSecondRun(first, second)
    expect(merged).toEqual({
      success: false,
      testResults: [file(real, 'passed', 'passed'), file(browser, 'failed'), file(unit, 'passed')],
    })
    expect(notes).toEqual([`UNSTABLE: failed at first and passed when its file was run again: ${real} 1`])
  })

  test('as a whole, outside of its tests, is named by its path', () => {
    const broken = { ...file(real), status: 'failed' as const }
    expect(filesToRunAgain(report(broken))).toEqual([broken.name])
    const { notes } = withSecondRun(report(broken), report(file(real, 'passed')))
    expect(notes).toEqual([expect.stringContaining(broken.name)])
  })
})
