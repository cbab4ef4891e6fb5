import type { TopologyNode } from '../../api/contract'
import type { Sample } from '../../queries/prometheus'
import { count, counted } from '../../features/operations/text'
import { isGone } from '../../features/topology/causes'
import { median } from '../../features/topology/outliers'
import { isServed, primaryFirst, primaryOf, type Shard } from '../../features/topology/nodes'
import { comparing, type Beside } from '../../features/topology/peers'
import { slotCount } from '../../features/topology/slots'
import { FIGURES, type FigureName } from './figures'

export interface Risk {
  readonly tone: 'bad' | 'warning'
  readonly text: string
}

/** A shard with what its primary does beside the primaries of the others. */
export interface ShardRow {
  /** 1 for the first. */
  readonly number: number
  readonly shard: Shard
  readonly slots: number
  /** That serves the slots; a failed one where there is no other. */
  readonly primary: TopologyNode | undefined
  /** All its other nodes. */
  readonly others: readonly TopologyNode[]
  readonly risks: readonly Risk[]
  readonly figures: Readonly<Record<FigureName, Beside>> | undefined
}

const NAMES = Object.keys(FIGURES) as FigureName[]
type Samples = Readonly<Record<FigureName, readonly Sample[]>>

export function rowsOf(shards: readonly Shard[], samples: Samples | undefined): readonly ShardRow[] {
  const living = shards.flatMap((shard) => {
    const primary = primaryOf(shard)
    return primary && !isGone(primary) ? [primary.instance] : []
  })
  const compare = samples && comparing(FIGURES, samples, living)
  return shards.map((shard, index) => {
    const primary = primaryOf(shard)
    return {
      number: index + 1,
      shard,
      slots: slotCount(shard.slots),
      primary,
      others: shard.nodes.filter((node) => node !== primary).toSorted(primaryFirst),
      risks: risksOf(shard),
      figures: primary && !isGone(primary) ? compare?.(primary.instance) : undefined,
    }
  })
}

/** What endangers a shard, worst first. */
export function risksOf(shard: Pick<Shard, 'slots' | 'nodes'>): readonly Risk[] {
  const { slots, nodes } = shard
  const replicas = nodes.filter(({ role }) => role === 'replica')
  const well = replicas.filter((node) => !isGone(node))
  const gone = nodes.filter(isGone)
  const down = well.filter(({ link }) => link === 'down')
  const zones = new Set(nodes.map(({ zone }) => zone))
  const risks: (Risk | false)[] = [
    slots.length > 0 && !isServed(shard) && { tone: 'bad', text: 'Not served' },
    down.length > 0 && { tone: 'bad', text: `Link of ${counted(down.length, 'replica')} down` },
    slots.length > 0 && well.length === 0 && { tone: 'warning', text: 'No replica' },
    gone.length > 0 && { tone: 'warning', text: `${counted(gone.length, 'node')} failed` },
    // Zones are told for all nodes or for none: unknown ones say nothing.
    nodes.length > 1 &&
      zones.size === 1 &&
      nodes[0]!.zone !== undefined && { tone: 'warning', text: `All in the zone ${nodes[0]!.zone}` },
  ]
  return risks.filter((risk) => risk !== false)
}

const worst = ({ risks }: ShardRow) =>
  risks.some(({ tone }) => tone === 'bad') ? 0 : risks.length > 0 ? 1 : 2
export const worstFirst = (a: ShardRow, b: ShardRow) => worst(a) - worst(b) || a.number - b.number

/** A whole number is a slot; else part of a name of the shard or of one of its nodes. */
export function choose(rows: readonly ShardRow[], trouble: boolean, text: string): readonly ShardRow[] {
  const wanted = text.trim().toLowerCase()
  const slot = /^\d{1,5}$/.test(wanted) ? Number(wanted) : undefined
  return rows.filter(({ shard, number, risks }) => {
    if (trouble && risks.length === 0) return false
    if (slot !== undefined) return shard.slots.some(([from, to]) => from <= slot && slot <= to)
    const words = [
      `shard ${number}`,
      shard.id,
      ...shard.nodes.flatMap(({ instance, zone }) => [instance, zone]),
    ]
    return words.join(' ').toLowerCase().includes(wanted)
  })
}

export interface Skew {
  readonly label: string
  /** The largest over the median of all. */
  readonly times: number
  /** Number of the shard that has most. */
  readonly most: number
}

/** How unevenly the shards are loaded, a measure each; none of fewer than two shards, or where there is hardly any. */
export function skewsOf(rows: readonly ShardRow[]): readonly Skew[] {
  const serving = rows.filter(({ slots }) => slots > 0)
  const measures: readonly (readonly [
    label: string,
    least: number,
    of: (row: ShardRow) => number | undefined,
  ])[] = [
    ['Slots', 1, ({ slots }) => slots],
    ...NAMES.filter((name) => name !== 'full').map(
      (name) =>
        [
          FIGURES[name].label,
          FIGURES[name].least ?? 0,
          ({ figures }: ShardRow) => figures?.[name].own,
        ] as const,
    ),
  ]
  return measures.flatMap(([label, least, of]): Skew[] => {
    const values = serving.flatMap((row) => {
      const value = of(row)
      return value === undefined ? [] : [{ number: row.number, value }]
    })
    if (values.length < 2) return []
    const most = values.reduce((a, b) => (b.value > a.value ? b : a))
    const middle = median(values.map(({ value }) => value))
    return most.value < least || middle === 0
      ? []
      : [{ label, times: most.value / middle, most: most.number }]
  })
}

/** Whether every shard stands a failure, in a sentence. */
export function redundancy(rows: readonly ShardRow[]): string {
  const serving = rows.filter(({ slots }) => slots > 0)
  const without = serving.filter(({ risks }) => risks.some(({ text }) => text === 'No replica'))
  if (serving.length === 0) return 'No shard has slots.'
  const lost = serving.filter(({ shard }) => !isServed(shard))
  if (lost.length > 0)
    return `${count(lost.length)} of ${counted(serving.length, 'shard')} ${lost.length === 1 ? 'is' : 'are'} not served: no primary of ${lost.length === 1 ? 'it' : 'them'} works.`
  if (without.length === 0) return 'Every shard has a replica that is well.'
  return `${count(without.length)} of ${counted(serving.length, 'shard')} ${without.length === 1 ? 'has' : 'have'} no replica: if the primary fails now, the data is lost.`
}
