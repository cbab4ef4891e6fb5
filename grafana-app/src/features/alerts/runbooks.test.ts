import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runbookOf } from './runbooks'

test("every runbook of Slotwise's rules is known, and no other", () => {
  const files = readdirSync('alerts/runbooks')
  expect(files.length).toBeGreaterThan(0)
  for (const file of files)
    expect(runbookOf(file.replace('.md', '')), file).toContain(`alerts/runbooks/${file}`)
  expect(runbookOf('TheirOwn')).toBeUndefined()
  expect(runbookOf(undefined)).toBeUndefined()
})
