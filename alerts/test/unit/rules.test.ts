import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { alertsDir, readAlertCases, readRules, runbooksDir } from '../files.js'

const rules = readRules()
const names = rules.map((rule) => rule.alert)
const cases = readAlertCases()
const { homepage } = JSON.parse(readFileSync(join(alertsDir, 'package.json'), 'utf8')) as { homepage: string }

describe.each(rules)('$alert', (rule) => {
  it('has a severity that the Alertmanager configuration routes', () => {
    expect(rule.alert).toMatch(/^[A-Z][A-Za-z]+$/)
    expect(['page', 'ticket', 'none']).toContain(rule.labels.severity)
  })

  it('says what is wrong and links its runbook', () => {
    expect(rule.annotations.summary).toBeTruthy()
    expect(rule.annotations.description).toBeTruthy()
    expect(rule.annotations.runbook_url).toBe(`${homepage}/runbooks/${rule.alert}.md`)
  })

  it('has a runbook that answers what is asked at night', () => {
    const runbook = readFileSync(join(runbooksDir, `${rule.alert}.md`), 'utf8')
    expect(runbook.split('\n')[0]).toBe(`# ${rule.alert}`)
    expect(runbook.match(/^## .*/gm)).toEqual([
      '## Meaning',
      '## Impact',
      '## First three minutes',
      '## Likely causes',
      '## What to do',
      '## It is over when',
      '## Silence safely',
    ])
    expect(runbook).toContain('slotwise check')
    expect(runbook).toContain('```promql')
    const links = [...runbook.matchAll(/\]\((?<file>[^)]+)\)/g)].map((match) => match.groups!.file!)
    for (const file of links) expect(readdirSync(runbooksDir)).toContain(file)
  })

  const own = cases.filter((one) => one.alertname === rule.alert)
  it('is tested firing, with its severity', () => {
    const firing = own.flatMap((one) => one.exp_alerts)
    expect(firing.length).toBeGreaterThan(0)
    for (const alert of firing) expect(alert.exp_labels.severity).toBe(rule.labels.severity)
  })

  // vector(1) is meant to be always true
  if (rule.alert !== 'Watchdog')
    it('is tested not firing', () => {
      expect(own.some((one) => one.exp_alerts.length === 0)).toBe(true)
    })
})

it('names each alert once, tests none that does not exist, and has no runbook without an alert', () => {
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining([...new Set(cases.map((one) => one.alertname))]))
  expect(readdirSync(runbooksDir).sort()).toEqual(names.map((name) => `${name}.md`).sort())
})

it('lists every alert in the README with its severity and its `for`', () => {
  const readme = readFileSync(join(alertsDir, 'README.md'), 'utf8')
  const rows = [...readme.matchAll(/^\| \[(\w+)\]\(runbooks\/\w+\.md\) +\| (\w+) +\| (\w+) +\|/gm)]
  expect(rows.map(([, name, severity, wait]) => ({ name, severity, wait }))).toEqual(
    rules.map((rule) => ({ name: rule.alert, severity: rule.labels.severity, wait: rule.for ?? '0s' })),
  )
})
