import type { OfNodes } from '../../queries/nodes'
import { bytes, count, duration } from '../operations/text'

/** A figure of a node, which is compared with its peers. */
export interface Fact {
  readonly label: string
  /** What it is and when to worry; read at night. */
  readonly about: string
  readonly query: OfNodes
  readonly say: (value: number) => string
  /** Grafana's name of the unit, where it is drawn. */
  readonly chart?: string
  /** Below this, unlike its peers says nothing; absent: never compared. */
  readonly least?: number
  /** A value that is wrong by itself, and what to say then. */
  readonly wrong?: readonly [when: (value: number) => boolean, what: string]
}

/** Figures that are shown together. */
export interface Part {
  readonly title: string
  readonly facts: Readonly<Record<string, Fact>>
}

/** `14 µs`, `2.5 ms`: of what takes less than a second or so. */
export function brief(seconds: number): string {
  const [value, unit] = seconds < 0.001 ? [seconds * 1e6, 'µs'] : [seconds * 1000, 'ms']
  return `${Number(value.toPrecision(2))} ${unit}`
}
const decimals = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })
export const few = (value: number) => decimals.format(value)
export const rate = (value: number) => `${value >= 100 ? count(value) : few(value)}/s`
export const byteRate = (value: number) => `${bytes(value)}/s`
export const yes = (value: number) => (value === 1 ? 'yes' : 'no')
export const seconds = (value: number) => (value > 0 && value < 1 ? brief(value) : duration(value))

export const MIB = 1024 ** 2
