import { describe, expect, it } from 'vitest'
import { allFamilies } from '../../../exporter/src/collectors/catalogue.js'
import { driftedDashboards } from '../../src/dashboards.js'
import { labelNames, metricNames, substitute, syntaxErrors } from '../promql.js'
import { annotationQueries, dashboard, panelQueries, panels } from '../queries.js'

const queries = [...panelQueries, ...annotationQueries].map(({ where, expr }) => ({
  where,
  expr: substitute(expr),
}))
const exported = new Map(allFamilies.map((family) => [family.name, family.type]))

/** What Prometheus itself makes. */
const PROMETHEUS = ['ALERTS', 'up']

/** Labels that a query may rely on: those of every node series, and those of the families that have more. */
const LABELS = {
  everywhere: ['redis_cluster', 'instance', 'shard'],
  some: ['role', 'cmd', 'err', 'check', 'replica', 'alertstate'],
}

it('is what stands in dashboards/generated (else: pnpm --filter @slotwise/dashboards generate)', () => {
  expect(driftedDashboards()).toEqual([])
})

describe.each(queries)('the query of $where', ({ expr }) => {
  it('is PromQL', () => {
    expect(syntaxErrors(expr)).toEqual([])
  })

  it('reads what the exporter emits', () => {
    expect(metricNames(expr).filter((name) => !exported.has(name) && !PROMETHEUS.includes(name))).toEqual([])
  })

  it('uses labels that are there', () => {
    expect([...LABELS.everywhere, ...LABELS.some]).toEqual(expect.arrayContaining(labelNames(expr)))
  })

  it('is of the chosen cluster', () => {
    const selectors = expr.match(/\w+\{[^}]*\}/g) ?? []
    expect(selectors.length).toBeGreaterThanOrEqual(metricNames(expr).length)
    for (const selector of selectors) expect(selector).toContain('redis_cluster="demo"')
  })

  it('takes the rate of counters only, and of every counter', () => {
    for (const name of metricNames(expr)) {
      const rated = new RegExp(`(rate|increase)\\(${name}\\b`).test(expr)
      expect(rated, name).toBe(exported.get(name) === 'counter')
    }
  })
})

describe.each(panels)('the panel $title', (panel) => {
  it('says what it shows, in which unit, from the chosen data source', () => {
    expect(panel.description).toMatch(/^[A-Z0-9].{30,}\.$/)
    expect(panel.fieldConfig?.defaults.unit).toBeTruthy()
    expect(panel.datasource?.uid).toBe('${datasource}')
    expect(panel.targets?.length).toBeGreaterThan(0)
  })

  it('lies within the grid and on no other', () => {
    const a = panel.gridPos!
    expect(a.x + a.w).toBeLessThanOrEqual(24)
    const overlapping = panels.filter((other) => {
      const b = other.gridPos!
      return other !== panel && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
    })
    expect(overlapping).toEqual([])
  })
})

describe('the dashboard', () => {
  it('can be provisioned: a lasting uid, no id, and ids of panels of their own', () => {
    expect(dashboard).toMatchObject({
      uid: 'slotwise-cluster',
      id: null,
      tags: expect.arrayContaining(['slotwise']) as string[],
    })
    const ids = (dashboard.panels ?? []).map((panel) => panel.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(panels.map((panel) => panel.title)).size).toBe(panels.length)
  })

  it('lets the reader choose the data source, a cluster and its nodes', () => {
    expect(dashboard.templating.list?.map(({ type, name, multi }) => ({ type, name, multi }))).toEqual([
      { type: 'datasource', name: 'datasource', multi: false },
      { type: 'query', name: 'redis_cluster', multi: false },
      { type: 'query', name: 'instance', multi: true },
    ])
  })
})

describe('the checks themselves', () => {
  it('catch a broken expression, an unknown metric and an unknown variable', () => {
    expect(syntaxErrors('sum(rate(a[5m])')).not.toEqual([])
    expect(metricNames('sum by (x) (rate(a_total{b="c"}[5m])) / on (x) b > 0')).toEqual(['a_total', 'b'])
    expect(labelNames('sum by (x) (a{b="c"}) + on (y) group_left (z) d')).toEqual(['x', 'b', 'y', 'z'])
    expect(() => substitute('a[$interval]')).toThrow('$interval')
  })
})
