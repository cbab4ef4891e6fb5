import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, describe, it } from 'vitest'
import { findServer } from '../../../stack/src/servers.js'
import { alertmanagerFile, alertsDir, readRules, ruleFiles, ruleTestFiles } from '../files.js'

const run = promisify(execFile)

describe.each(['promtool', 'promtool3'] as const)('%s', (promtool) => {
  it('accepts the rules', async () => {
    const { stdout } = await run(findServer(promtool), ['check', 'rules', ...ruleFiles])
    expect(stdout).toContain(`SUCCESS: ${readRules().length} rules found`)
  })

  it.each(ruleTestFiles)('passes %s', async (file) => {
    await run(findServer(promtool), ['test', 'rules', file], { cwd: alertsDir })
  })
})

describe.each(['amtool', 'amtool3'] as const)('%s', (amtool) => {
  it('accepts the Alertmanager configuration', async () => {
    const { stdout } = await run(findServer(amtool), ['check-config', alertmanagerFile])
    expect(stdout).toContain('SUCCESS')
  })

  const receivers = { page: 'slotwise,pager', ticket: 'slotwise,tickets', none: 'nobody' }
  const ours = readRules().map(({ alert, labels }): [string, string] => [
    `alertname=${alert} severity=${labels.severity!} redis_cluster=demo`,
    alert === 'Watchdog' ? 'heartbeat' : receivers[labels.severity as keyof typeof receivers],
  ])
  const foreign: [string, string][] = [
    ['alertname=SomebodyElses severity=page', 'pager'],
    ['alertname=SomebodyElses severity=critical', 'tickets'],
    ['alertname=SomebodyElses', 'tickets'],
  ]
  it.each([...ours, ...foreign])('routes %s to %s', async (labels, receiver) => {
    const args = [
      'config',
      'routes',
      'test',
      `--config.file=${alertmanagerFile}`,
      `--verify.receivers=${receiver}`,
    ]
    const { stdout } = await run(findServer(amtool), [...args, ...labels.split(' ')])
    expect(stdout.trim()).toBe(receiver)
  })
})
