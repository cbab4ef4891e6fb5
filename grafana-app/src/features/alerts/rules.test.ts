import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RULE_OF_CHECK, RULES, runbookOf } from './rules'

test("every runbook of Slotwise's rules is known, and no other", () => {
  const files = readdirSync('alerts/runbooks')
  expect(files.length).toBeGreaterThan(0)
  for (const file of files)
    expect(runbookOf(file.replace('.md', '')), file).toContain(`alerts/runbooks/${file}`)
  expect(runbookOf('TheirOwn')).toBeUndefined()
  expect(runbookOf(undefined)).toBeUndefined()
})

test('the rules are those that ship, with their severities', () => {
  const shipped = readFileSync('alerts/rules/slotwise.yml', 'utf8')
    .split('- alert: ')
    .slice(1)
    .map((text) => [text.split('\n', 1)[0]!.trim(), /severity: (\w+)/.exec(text)?.[1]])
  const known = Object.entries(RULES).map(([name, { severity }]) => [name, severity])
  expect(known.toSorted()).toEqual(shipped.toSorted())
  for (const rule of Object.values(RULE_OF_CHECK)) expect(Object.keys(RULES)).toContain(rule)
})
