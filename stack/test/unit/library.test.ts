import { describe, expect, test } from 'vitest'
import { startChild, whenUp } from '../../src/child.js'
import { freePorts, isPortFree } from '../../src/ports.js'
import { infoField } from '../../src/redis-cluster.js'
import { countTests, type VitestReport } from '../../src/test/count.js'
import { until } from '../../src/until.js'

describe('until', () => {
  test('gives what the condition gave at last', async () => {
    let tries = 0
    const third = (): string | undefined => (++tries === 3 ? 'there' : undefined)
    expect(await until(third, { timeoutMs: 10_000, what: 'the third try', intervalMs: 1 })).toBe('there')
  })

  test('says what it waited for and why it did not come', async () => {
    const failing = (): Promise<boolean> => Promise.reject(new Error('connect ECONNREFUSED'))
    await expect(until(failing, { timeoutMs: 0, what: 'the moon' })).rejects.toThrow(
      'timed out after 0 s waiting for the moon: connect ECONNREFUSED',
    )
  })
})

describe('a child process', () => {
  const node = (script: string) =>
    startChild({ name: 'child', command: process.execPath, args: ['-e', script] })

  test('that ends by itself says how', async () => {
    const child = node('process.exit(3)')
    expect(await child.exited).toEqual({ code: 3, signal: null, how: 'exit code 3', asked: false })
  })

  test('that dies before it is up is explained with its last lines', async () => {
    const child = node('console.error("no space left"); process.exit(1)')
    const never = (): Promise<boolean> => Promise.resolve(false)
    await expect(whenUp(child, never, { timeoutMs: 20_000, what: 'it' })).rejects.toThrow(
      /^child ended \(exit code 1\) before it was up; its last lines:\nno space left$/,
    )
  })

  test('that is stopped by SIGSTOP can still be ended in good order', async () => {
    const child = node(
      'process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("up")',
    )
    await until(() => child.tail() === 'up', { timeoutMs: 20_000, what: 'the child' })
    child.signal('SIGSTOP')
    expect(await child.stop()).toMatchObject({ code: 7, asked: true })
  })

  test('that ignores SIGTERM is killed', async () => {
    const child = node('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")')
    await until(() => child.tail() === 'up', { timeoutMs: 20_000, what: 'the child' })
    expect(await child.stop({ graceMs: 10 })).toMatchObject({ signal: 'SIGKILL' })
  })
})

test('free ports are free, all different, and have a free bus', async () => {
  const ports = await freePorts(5, { bus: true })
  expect(new Set(ports).size).toBe(5)
  for (const port of ports) expect([port <= 55_535, await isPortFree(port + 10_000)]).toEqual([true, true])
})

test('a field of INFO', () => {
  const info = '# Cluster\r\ncluster_state:ok\r\ncluster_slots_ok:16384\r\n'
  expect(infoField(info, 'cluster_state')).toBe('ok')
  expect(infoField(info, 'state')).toBeUndefined()
})

describe('the last line of npm test', () => {
  const file = (name: string, statuses: readonly string[], status = 'passed') =>
    ({
      name,
      status,
      message: '',
      assertionResults: statuses.map((one, index) => ({ fullName: `${name} ${index}`, status: one })),
    }) as VitestReport['testResults'][number]
  const report = (...testResults: VitestReport['testResults']): VitestReport => ({
    success: true,
    testResults,
  })

  test.each<[string, VitestReport | undefined, number, [number, number, RegExp[]]]>([
    ['all well', report(file('a', ['passed', 'passed'])), 0, [2, 0, []]],
    ['a failed test', report(file('a', ['passed', 'failed'], 'failed')), 1, [1, 1, []]],
    ['a skipped one', report(file('a', ['passed', 'skipped'])), 0, [1, 1, [/did not run \(skipped\).*a 1/]]],
    ['a todo', report(file('a', ['todo'])), 0, [0, 1, [/todo/]]],
    [
      'a file that cannot be read',
      report(file('b.test.ts', [], 'failed')),
      1,
      [0, 1, [/outside of its tests: b.test.ts/]],
    ],
    ['an error outside of all', report(file('a', ['passed'])), 1, [1, 1, [/outside of every test/]]],
    ['no report', undefined, 137, [0, 1, [/without a report \(exit code 137\)/]]],
  ])('counts %s', (_, given, exitCode, [passed, failed, notes]) => {
    const count = countTests(given, exitCode)
    expect([count.passed, count.failed]).toEqual([passed, failed])
    expect(count.notes).toEqual(notes.map((note) => expect.stringMatching(note) as string))
  })

  test('leaves out what was not asked for', () => {
    expect(countTests(report(file('a', ['passed', 'skipped'])), 0, true)).toEqual({
      passed: 1,
      failed: 0,
      notes: [],
    })
  })
})
