import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readRules } from '../../../../alerts/test/files'
import { CHECKS } from '../../test/checks'
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
  const shipped = readRules().map(({ alert, labels }) => [alert, labels.severity])
  const known = Object.entries(RULES).map(([name, { severity }]) => [name, severity])
  expect(known.toSorted()).toEqual(shipped.toSorted())
})

test('checks and the rules that tell of the same are those that there are', () => {
  expect(CHECKS).toEqual(expect.arrayContaining(Object.keys(RULE_OF_CHECK)))
  expect(Object.keys(RULES)).toEqual(expect.arrayContaining(Object.values(RULE_OF_CHECK)))
})
