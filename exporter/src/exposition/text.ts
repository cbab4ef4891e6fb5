import { fullName, type Family, type Labels, type Sample, type Samples } from './families.js'

/** Samples of one source and the labels that tell them from the samples of the other sources. */
export interface Source {
  readonly labels: Labels
  readonly samples: Samples
}

export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Renders sources as the text format 0.0.4, one chunk a family: HELP and TYPE once, then that family's samples of
 * every source. Families come in the order of their names, as client_golang writes them. This is the plain
 * renderer, the truth that a faster one is tested against.
 */
export function* renderText(sources: readonly Source[], namespace: string): Generator<string> {
  const families = new Map<string, Family>()
  for (const { samples } of sources) {
    for (const family of samples.byFamily.keys()) families.set(fullName(family, namespace), family)
  }
  for (const [name, family] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let chunk = renderHeader(name, family)
    for (const { labels, samples } of sources) {
      const sourceLabels = renderLabels(labels)
      for (const sample of samples.byFamily.get(family) ?? [])
        chunk += `${renderSeries(name, sourceLabels, sample)} ${renderValue(sample.value)}\n`
    }
    yield chunk
  }
}

/** HELP and TYPE of a family, by its full name. */
export function renderHeader(name: string, { help, type }: Family): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`
}

/**
 * The line of a sample up to the space before its value.
 * @param sourceLabels the labels of its source, rendered
 */
export function renderSeries(name: string, sourceLabels: string, { suffix, labels }: Sample): string {
  const own = renderLabels(labels)
  if (sourceLabels === '' && own === '') return name + suffix
  return `${name}${suffix}{${sourceLabels}${sourceLabels !== '' && own !== '' ? ',' : ''}${own}}`
}

/** Labels as they stand between the braces. */
export function renderLabels(labels: Labels): string {
  let text = ''
  for (const [label, value] of labels) text += `${text === '' ? '' : ','}${label}="${escapeLabel(value)}"`
  return text
}

/** A value as Go's strconv.ParseFloat reads it. */
export function renderValue(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }

function escapeLabel(value: string): string {
  if (!/[\\\n"]/.test(value)) return value
  return value.replace(/[\\\n"]/g, (char) => escapes[char]!)
}

function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (char) => escapes[char]!)
}
