/** Reads the text format for the tests; strict, so that reading is a check too. */
import type { Exporter } from '../../stack/src/exporter.js'
import { until } from '../../stack/src/until.js'

export interface ParsedFamily {
  type: string
  /** Series (name and labels as written) -> value. */
  samples: Map<string, number>
  /** Every set of label names that a sample has, sorted and joined. */
  labelNames: Set<string>
}

/** By their names. */
export type Families = Map<string, ParsedFamily>

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g

/**
 * Parses an exposition.
 * @throws on a line that is none, a family that comes twice, a sample outside its family, a series that comes twice
 */
export function parseExposition(text: string): Families {
  const families = new Map<string, ParsedFamily>()
  let current: ParsedFamily | undefined
  let currentName = ''
  for (const line of text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP'))) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line)
    if (type) {
      currentName = type[1]!
      if (families.has(currentName)) throw new Error(`family ${currentName} comes twice`)
      current = { type: type[2]!, samples: new Map(), labelNames: new Set() }
      families.set(currentName, current)
      continue
    }
    const sample = SAMPLE.exec(line)
    if (!sample || !current) throw new Error(`not a line of the text format: ${line}`)
    const [, name, labels = '', value] = sample
    if (name !== currentName && !/^_(sum|count|bucket)$/.test(name!.slice(currentName.length))) {
      throw new Error(`${name} stands in the family ${currentName}`)
    }
    const pairs = [...labels.matchAll(LABEL)]
      .map(([, label, text]) => [label!, text!] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const series = `${name}{${pairs.map(([label, text]) => `${label}="${text}"`).join(',')}}`
    if (current.samples.has(series)) throw new Error(`the series ${series} comes twice`)
    current.samples.set(series, Number(value!.replace('Inf', 'Infinity')))
    current.labelNames.add(pairs.map(([label]) => label).join(','))
  }
  return families
}

/** The value of one series, named as `redis_up{}` or `redis_db_keys{db="db0"}` with sorted labels. */
export function valueOf(families: Families, series: string): number | undefined {
  for (const { samples } of families.values()) if (samples.has(series)) return samples.get(series)
  return undefined
}

/** What an exporter's /metrics has, once the condition holds. */
export function familiesWhen(
  exporter: Exporter,
  what: string,
  condition: (families: Families) => boolean,
): Promise<Families> {
  const found = async () => {
    const families = parseExposition((await exporter.get('/metrics')).body)
    return condition(families) ? families : undefined
  }
  return until(found, { timeoutMs: 60_000, what })
}
