/** Reads OpenMetrics for the tests; strict, so that reading is a check too. */
import type { ParsedFamily } from './exposition.js'

const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g

/** What a family's samples may be called behind its name. */
const SUFFIXES: Record<string, readonly string[]> = {
  counter: ['_total'],
  gauge: [''],
  unknown: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['_bucket', '_sum', '_count'],
}

/**
 * Parses an exposition.
 * @throws on what OpenMetrics 1.0 forbids: a line that is none, a family that comes twice or has no TYPE, a sample
 *   outside its family or called otherwise than its type says, a quantile above 1, no end or something after it
 */
export function parseOpenMetrics(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('# EOF\n')) throw new Error('it does not end with # EOF')
  const families = new Map<string, ParsedFamily>()
  const names = new Set<string>()
  let current: ParsedFamily | undefined
  let family = ''
  for (const line of text.split('\n').slice(0, -2)) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line)
    const help = /^# HELP (\S+) (?:[^"\\]|\\[\\n"])*$/.exec(line)
    if (type) {
      family = type[1]!
      const suffixes = SUFFIXES[type[2]!]
      if (!suffixes) throw new Error(`no type of OpenMetrics: ${line}`)
      for (const suffix of new Set(['', ...suffixes])) {
        if (names.has(family + suffix)) throw new Error(`${family}${suffix} is another family's`)
        names.add(family + suffix)
      }
      current = { type: type[2]!, samples: new Map(), labelNames: new Set() }
      families.set(family, current)
      continue
    }
    if (help) {
      if (help[1] !== family) throw new Error(`HELP of another family: ${line}`)
      continue
    }
    const sample = SAMPLE.exec(line)
    if (!sample || !current) throw new Error(`not a line of OpenMetrics: ${line}`)
    const [, name, labels = '', value] = sample
    if (!name!.startsWith(family) || !SUFFIXES[current.type]!.includes(name!.slice(family.length)))
      throw new Error(`${name} is no sample of the ${current.type} ${family}`)
    const pairs = [...labels.matchAll(LABEL)]
      .map(([, label, text]) => [label!, text!] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    if (current.type === 'summary' && pairs.some(([label, text]) => label === 'quantile' && Number(text) > 1))
      throw new Error(`a quantile above 1: ${line}`)
    const series = `${name}{${pairs.map(([label, text]) => `${label}="${text}"`).join(',')}}`
    if (current.samples.has(series)) throw new Error(`the series ${series} comes twice`)
    current.samples.set(series, Number(value!.replace('Inf', 'Infinity')))
    current.labelNames.add(pairs.map(([label]) => label).join(','))
  }
  return families
}
