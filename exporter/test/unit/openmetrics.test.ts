import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allFamilies } from '../../src/collectors/catalogue.js'
import { collectNode } from '../../src/collectors/node.js'
import { Samples, type Family, type Labels } from '../../src/exposition/families.js'
import { assembleOpenMetrics, OPENMETRICS_END, openMetricsOf } from '../../src/exposition/openmetrics.js'
import { Page } from '../../src/exposition/page.js'
import { renderText, type Source } from '../../src/exposition/text.js'
import { wantsOpenMetrics } from '../../src/http/metrics/negotiate.js'
import { parseExposition, type ParsedFamily } from '../exposition.js'
import { goldenEngines, goldenReading, goldenReplies, goldenRoles } from '../golden.js'
import { parseOpenMetrics } from '../openmetrics.js'

const namespace = 'redis'
const text = (sources: readonly Source[]) => [...renderText(sources, namespace)].join('')
const openMetrics = (sources: readonly Source[]) =>
  Buffer.concat([
    ...assembleOpenMetrics(
      sources.map((source) => new Page(source, namespace)),
      namespace,
    ),
  ]).toString() + OPENMETRICS_END

/** Series with their values, whatever families they stand in. */
function seriesOf(families: Map<string, ParsedFamily>): Map<string, number> {
  return new Map([...families.values()].flatMap(({ samples }) => [...samples]))
}

/** With names that are another's with `_total`, and types that OpenMetrics calls otherwise. */
const families: readonly Family[] = [
  { name: 'a', type: 'gauge', help: 'back\\slash, "quotes"\nand line' },
  { name: 'a_total', type: 'counter', help: 'A.' },
  { name: 'b_total', type: 'counter', help: 'B.' },
  { name: 'c', type: 'counter', help: 'A counter of another name.' },
  { name: 'd_total', type: 'gauge', help: 'A gauge of such a name.' },
  { name: 'e', type: 'untyped', help: 'Who knows.' },
  { name: 'f_info', type: 'gauge', help: 'Ünïcode.', own: true },
]
const percents: Family = { name: 'p', type: 'summary', help: 'P.', percentiles: true }
const summary: Family = { name: 's', type: 'summary', help: 'S.' }
const histogram: Family = { name: 'h', type: 'histogram', help: 'H.' }

const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1e21, 1e-7, Infinity, -Infinity, NaN))
const labelText = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '}', ',', '=', 'é', '\u{1f600}') })
const sample = fc.record({ family: fc.constantFrom(...families), value, db: labelText })
const group = fc.record({ cmd: labelText, value, of: fc.constantFrom(percents, summary, histogram) })

/** Samples without two of the same series. */
function sourceOf(
  instance: string,
  singles: { family: Family; value: number; db: string }[],
  groups: { cmd: string; value: number; of: Family }[],
): Source {
  const samples = new Samples()
  const seen = new Set<string>()
  const isNew = (key: string) => seen.size !== seen.add(key).size
  for (const { family, value, db } of singles)
    if (isNew(`${family.name} ${db}`)) samples.add(family, value, [['db', db]])
  for (const { cmd, value, of } of groups) {
    if (!isNew(`${of.name} ${cmd}`)) continue
    const labels: Labels = [['cmd', cmd]]
    if (of === histogram) samples.add(of, value, [...labels, ['le', '+Inf']], '_bucket')
    else samples.add(of, value, [...labels, ['quantile', of === percents ? '99.9' : '0.5']])
    samples.add(of, value, labels, '_sum')
    samples.add(of, value, labels, '_count')
  }
  return { labels: [['instance', instance]], samples }
}

describe('OpenMetrics', () => {
  it('tells the series and values that the text tells', () => {
    const source = fc.tuple(fc.array(sample, { maxLength: 12 }), fc.array(group, { maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(source, { maxLength: 3 }), (list) => {
        const sources = list.map(([singles, groups], i) => sourceOf(String(i), singles, groups))
        const told = seriesOf(parseOpenMetrics(openMetrics(sources)))
        expect(told).toEqual(seriesOf(parseExposition(text(sources))))
      }),
    )
  })

  it.each(goldenEngines)('tells of a %s what the text tells', (engine) => {
    const sources = [...goldenRoles, 'sentinel'].map((role): Source => {
      const samples = new Samples()
      const options = { system: true, configMetrics: true, sentinelPeers: true }
      collectNode(goldenReading(goldenReplies(engine, role)), samples, options)
      return { labels: [['instance', role]], samples }
    })
    const families = parseOpenMetrics(openMetrics(sources))
    expect(seriesOf(families)).toEqual(seriesOf(parseExposition(text(sources))))
    expect(families.get('redis_keyspace_hits')!.type).toBe('counter')
    expect(families.get('redis_total_reads_processed')?.type ?? 'unknown').toBe('unknown')
    expect(families.get('redis_latency_percentiles_usec')!.type).toBe('unknown')
  })

  it('has no two families of the catalogue under one name', () => {
    const names = new Set(allFamilies.map(({ name }) => name))
    const counters = allFamilies.filter(({ name, type }) => type === 'counter' && name.endsWith('_total'))
    expect(counters.filter(({ name }) => names.has(name.slice(0, -'_total'.length)))).toEqual([])
  })

  it('takes over what the process says of itself', () => {
    const process =
      '# HELP process_cpu_seconds_total a "b" \\\\ c\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1.5\n\n'
    expect(openMetricsOf(process)).toBe(
      '# TYPE process_cpu_seconds counter\n# HELP process_cpu_seconds a \\"b\\" \\\\ c\nprocess_cpu_seconds_total 1.5\n',
    )
  })
})

describe('wantsOpenMetrics', () => {
  it.each([
    [
      'Prometheus 2.42',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    [
      'Prometheus 3.5',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      true,
    ],
    ['a Prometheus that prefers text', 'text/plain;version=0.0.4,application/openmetrics-text;q=0.5', false],
    ['one that knows an older version only', 'application/openmetrics-text; version=0.0.1', false],
    ['one that refuses it', 'application/openmetrics-text;q=0, */*', false],
    ['a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', false],
    ['garbage', ';;q==,application/openmetrics-text;q=x', false],
    ['nobody in particular', undefined, false],
  ])('%s', (_, accept, wanted) => expect(wantsOpenMetrics(accept)).toBe(wanted))
})
