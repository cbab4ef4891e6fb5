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
    let chunk = `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${family.type}\n`
    for (const { labels, samples } of sources) {
      for (const sample of samples.byFamily.get(family) ?? []) chunk += renderSample(name, labels, sample)
    }
    yield chunk
  }
}

function renderSample(name: string, sourceLabels: Labels, { suffix, labels, value }: Sample): string {
  return `${name}${suffix}${renderLabels([...sourceLabels, ...labels])} ${renderValue(value)}\n`
}

function renderLabels(labels: Labels): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`
}

/** A value as Go's strconv.ParseFloat reads it. */
export function renderValue(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }

function escapeLabel(value: string): string {
  return value.replace(/[\\\n"]/g, (char) => escapes[char]!)
}

function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (char) => escapes[char]!)
}
