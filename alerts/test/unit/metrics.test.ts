import { describe, expect, it } from 'vitest'
import { metricNames, syntaxErrors } from '../../../dashboards/test/promql.js'
import { allFamilies } from '../../../exporter/src/collectors/catalogue.js'
import { readRules } from '../files.js'

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
