import type { Family, FamilyType, Samples } from '../exposition/families.js'
import { bulkOf, decode, type InfoFields, type NodeReading, type Reply } from '../redis/replies.js'

/** Settings that change what collectors make of replies. */
export interface CollectOptions {
  /** --include-system-metrics */
  readonly system?: boolean
  /** --include-metrics-for-empty-databases */
  readonly emptyDatabases?: boolean
  /** --include-config-metrics */
  readonly configMetrics?: boolean
  /** --redact-config-metrics; unless it says false */
  readonly redactConfig?: boolean
  /** --export-client-port */
  readonly clientPort?: boolean
  /** --include-sentinel-peer-info */
  readonly sentinelPeers?: boolean
  /** --metrics.unknown-fields: names of families, which such a field may not take. */
  readonly unknownFields?: ReadonlySet<string>
  /** Collectors that are off; only those that need no command of their own have to be here. */
  readonly off?: ReadonlySet<string>
  /** Which families to keep; all when absent. */
  readonly keep?: (family: Family) => boolean
  /** Samples that a family may have; no limit when absent or 0. */
  readonly maxSeries?: number
  /** --append-instance-role-label */
  readonly roleLabel?: boolean
}

/**
 * Makes samples of one line of INFO. Their labels come from the key alone, so that a line with another value has the
 * same series with other values; services/scraper/node-page.ts relies on it.
 */
export type LineCollector = (
  key: string,
  value: string,
  samples: Samples,
  reading: NodeReading,
  options: CollectOptions,
) => void

/** Makes samples of one part of a node's reading. */
export interface Collector {
  /** As in slotwise_collector_success; that of the reading it looks at, where it looks at one. */
  readonly name: string
  /** Where the values come from, for the documentation. */
  readonly source: string
  /** Names of the readings it looks at: equal replies make equal samples. */
  readonly readings: readonly string[]
  readonly families: readonly Family[]
  /** For what single lines say: the reading whose reply is such a text, and what a line of it says. */
  readonly lines?: { readonly reading: LinesReading; readonly collect: LineCollector }
  /** For all else. May throw where replies make no sense; then the collector has failed, and no other. */
  readonly collect?: (reading: NodeReading, samples: Samples, options: CollectOptions) => void
}

/** Readings whose reply is a text of `key:value` lines. */
export type LinesReading = 'info' | 'cluster_info'

/** The fields of such a reply; none where it was not asked or is refused. */
export function linesOf(reading: NodeReading, name: LinesReading): InfoFields {
  return (name === 'info' ? reading.info : reading.clusterInfo?.value) ?? new Map<string, string>()
}

/** The values of the lines `<prefix>0`, `<prefix>1` and so on, as far as they go. */
export function numbered(info: InfoFields, prefix: string): string[] {
  const values: string[] = []
  for (let value = info.get(`${prefix}0`); value !== undefined; value = info.get(`${prefix}${values.length}`))
    values.push(value)
  return values
}

/** What the reader found itself, as JSON in place of a reply; nothing where it was not asked. */
export function factsOf(reading: NodeReading, name: string): readonly unknown[] {
  const frame = reading.replies?.get(name)?.frames[0]
  const text = frame && bulkOf(frame)
  return text ? (JSON.parse(text.toString()) as unknown[]) : []
}

/** The replies of a reading as values, errors among them; none where it was not asked. */
export function repliesOf(reading: NodeReading, name: string): Reply[] {
  return reading.replies?.get(name)?.frames.map((frame) => decode(frame)) ?? []
}

/** How one INFO field becomes one sample. */
export interface FieldRule {
  readonly family: Family
  /** The field's value is divided by this (which rounds right where a factor of 1e-6 would not). */
  readonly divideBy?: number
}

/** A section of INFO as a table: field -> family. */
export interface InfoSection {
  readonly section: string
  readonly fields: Readonly<Record<string, FieldRule>>
}

type RuleOptions = Omit<FieldRule, 'family'>

function rule(type: FamilyType) {
  return (name: string, help: string, options: RuleOptions = {}): FieldRule => ({
    family: { name, type, help },
    ...options,
  })
}

export const gauge = rule('gauge')
export const counter = rule('counter')

export function infoSection(section: string, fields: Readonly<Record<string, FieldRule>>): InfoSection {
  return { section, fields }
}

/** A family that no single field stands for. */
export function family(type: FamilyType, name: string, help: string): Family {
  return { name, type, help }
}

/** A family of Slotwise's own, whose name stands as it is. */
export function ownFamily(type: FamilyType, name: string, help: string): Family {
  return { name, type, help, own: true }
}

const WORDS = new Map(Object.entries({ ok: 1, true: 1, up: 1, err: 0, fail: 0, false: 0, down: 0 }))

/**
 * The number that a field's text stands for: `ok`, `true` and `up` are 1, `err`, `fail`, `false` and `down` 0, `1.5%`
 * is 1.5.
 * @returns undefined for text that is no number
 */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text.endsWith('%') ? text.slice(0, -1) : text)
  return Number.isNaN(value) ? WORDS.get(text) : value
}

/**
 * A number as Go writes it (`1.048576e+06`), for labels that redis_exporter makes of numbers: other text would be
 * another series.
 */
export function goNumber(value: number): string {
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (!Number.isFinite(value) || (power >= -4 && power < 6)) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
