import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { metricNames, syntaxErrors } from '../../../dashboards/test/promql.js'
import { allFamilies } from '../../../exporter/src/collectors/catalogue.js'
import { readRules, runbooksDir } from '../files.js'

const known = new Set([...allFamilies.map((family) => family.name), 'up'])

describe.each(readRules())('$alert', ({ alert, expr }) => {
  it('is PromQL', () => {
    expect(syntaxErrors(expr)).toEqual([])
  })

  it('reads what the exporter emits', () => {
    const names = metricNames(expr)
    if (alert !== 'Watchdog') expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })
})

/** The lines of a runbook that are to be pasted into Prometheus, an expression each. */
const pasted = readdirSync(runbooksDir).flatMap((file) => {
  const blocks = readFileSync(join(runbooksDir, file), 'utf8').matchAll(/```promql\n(?<lines>[^`]*)```/g)
  return [...blocks].flatMap(({ groups }) =>
    groups!
      .lines!.trim()
      .split('\n')
      .map((expr) => ({ file, expr })),
  )
})

it.each(pasted)('$file: $expr can be pasted, and is about something that exists', ({ expr }) => {
  expect(syntaxErrors(expr)).toEqual([])
  const foreign = metricNames(expr).filter((name) => !known.has(name))
  expect(foreign.filter((name) => !/^(prometheus|alertmanager)_/.test(name))).toEqual([])
})
