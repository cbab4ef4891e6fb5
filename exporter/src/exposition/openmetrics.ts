import { fullName, type Family } from './families.js'
import type { Page } from './page.js'

/**
 * The same exposition as OpenMetrics 1.0: families, samples, names and values are those of the text format, so that
 * no series changes with the format. Only what stands around the samples differs. Plain rather than fast: pages are
 * laid for the text format.
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Ends an exposition. */
export const OPENMETRICS_END = '# EOF\n'

interface Holder {
  readonly family: Family
  readonly texts: string[]
}

/** Joins pages as `assemble` does, one chunk a family, without the end: more families may follow. */
export function* assembleOpenMetrics(pages: readonly Page[], namespace: string): Generator<Buffer> {
  const holders = new Map<string, Holder>()
  for (const page of pages) {
    for (const [index, family] of page.families.entries()) {
      const name = fullName(family, namespace)
      let holder = holders.get(name)
      if (!holder) holders.set(name, (holder = { family, texts: [] }))
      holder.texts.push(Buffer.from(page.segment(index)).toString())
    }
  }
  const isTaken = (name: string) => holders.has(name)
  for (const [name, { family, texts }] of [...holders].sort(([a], [b]) => (a < b ? -1 : 1)))
    yield Buffer.from(renderFamily(name, family, texts.join(''), isTaken))
}

/**
 * A text of the format 0.0.4 in which every family has HELP and TYPE, as OpenMetrics without the end. Its families
 * are types that OpenMetrics has, too.
 */
export function openMetricsOf(text: string): string {
  return text
    .replace(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n/gm, (_, name: string, help: string, type: string) => {
      const family = { name, type: type as Family['type'], help: help.replace(/\\([\\n])/g, unescaped) }
      return renderHeader(name, family, () => false)
    })
    .replace(/^\n/gm, '')
}

function unescaped(_: string, char: string): string {
  return char === 'n' ? '\n' : '\\'
}

/** A family with the lines of its samples. */
function renderFamily(
  name: string,
  family: Family,
  samples: string,
  isTaken: (name: string) => boolean,
): string {
  if (!family.percentiles) return renderHeader(name, family, isTaken) + samples
  // Quantiles of a summary go from 0 to 1. Here they are percents, which the names of series must go on saying.
  const lines = samples.match(/.*\n/g) ?? []
  return ['', '_count', '_sum']
    .map((suffix) => {
      const own = lines.filter((line) => /^[^ {]*/.exec(line)![0] === name + suffix)
      const part = { ...family, type: 'untyped' as const }
      return own.length === 0 ? '' : renderHeader(name + suffix, part, isTaken) + own.join('')
    })
    .join('')
}

/**
 * TYPE and HELP. The samples of a counter are called as the family with `_total` at the end; one that is called
 * otherwise, or whose name without it is another family's, is of type unknown, as with Prometheus' own libraries.
 */
function renderHeader(name: string, { type, help }: Family, isTaken: (name: string) => boolean): string {
  const base = /^(.+)_total$/.exec(name)?.[1]
  const isCounter = type === 'counter' && base !== undefined && !isTaken(base)
  const shown = isCounter ? base : name
  const typed = isCounter || (type !== 'counter' && type !== 'untyped') ? type : 'unknown'
  return `# TYPE ${shown} ${typed}\n# HELP ${shown} ${escapeHelp(help)}\n`
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }

function escapeHelp(help: string): string {
  return help.replace(/[\\\n"]/g, (char) => escapes[char]!)
}
