import { hash } from 'node:crypto'
import { fullName, type Family, type Labels, type Sample, type Samples } from './families.js'
import { renderSeries } from './text.js'
import { Bytes } from './bytes.js'

/** Stands where the labels of the source go: the first of a line does. */
const HERE = '\0'

/** A layout of more samples keeps none of them. */
const MOST_SAMPLES = 5000

/**
 * What pages of the same series have in common: everything but the values, and the labels of their sources. The nodes
 * of a fleet have the same series, so one layout serves them all.
 */
export class Layout {
  /** In the order of their names. */
  readonly families: readonly Family[]
  /** Samples of the family that has most. */
  readonly most: number
  /** The first line of each family; at the end, how many lines there are. */
  readonly starts: Uint32Array
  /** The line of a slot, and the family of a line as an index into `families`. */
  readonly lineOf: Uint32Array
  readonly familyOf: Uint16Array
  /** The lines without values, one after another: where each begins, and where it has the source's labels. */
  readonly text: Bytes
  readonly begins: Uint32Array
  readonly splits: Uint32Array
  /** By slot; undefined where they would take much memory. */
  readonly samples: readonly Sample[] | undefined

  private constructor(lines: Lines) {
    this.families = lines.families
    this.starts = lines.starts
    this.lineOf = lines.lineOf
    this.most = 0
    this.familyOf = new Uint16Array(lines.series.length)
    for (const family of lines.families.keys()) {
      const [first, end] = [this.starts[family]!, this.starts[family + 1]!]
      this.most = Math.max(this.most, end - first)
      this.familyOf.fill(family, first, end)
    }
    this.begins = new Uint32Array(lines.series.length + 1)
    this.splits = new Uint32Array(lines.series.length)
    let at = 0
    for (const [line, { head, tail }] of lines.series.entries()) {
      this.splits[line] = at += Buffer.byteLength(head)
      this.begins[line + 1] = at += Buffer.byteLength(tail)
    }
    this.text = Bytes.of(textOf(lines))
    this.samples = lines.samples
  }

  /** The layout of these samples, which may be there already. */
  static of(samples: Samples, hasLabels: boolean, namespace: string): Layout {
    const lines = linesOf(samples, hasLabels, namespace)
    // In one go: an object that hashes is garbage that only a collection of everything takes away.
    const key = hash(
      'sha1',
      [textOf(lines, hasLabels ? HERE : ''), lines.starts, lines.lineOf].join(' '),
      'base64',
    )
    const known = layouts.get(key)?.deref()
    if (known?.families.every((family, i) => family === lines.families[i])) return known
    const layout = new Layout(lines)
    layouts.set(key, new WeakRef(layout))
    forgotten.register(layout, key)
    return layout
  }
}

/** Those that a page has, by what they say. */
const layouts = new Map<string, WeakRef<Layout>>()
const forgotten = new FinalizationRegistry<string>((key) => {
  if (!layouts.get(key)?.deref()) layouts.delete(key)
})

interface Lines {
  readonly families: readonly Family[]
  readonly starts: Uint32Array
  readonly lineOf: Uint32Array
  /** What stands before the labels of the source, and behind them. */
  readonly series: readonly { readonly head: string; readonly tail: string }[]
  readonly samples: readonly Sample[] | undefined
}

function linesOf(samples: Samples, hasLabels: boolean, namespace: string): Lines {
  const named = [...samples.byFamily].map(
    ([family, list]) => [fullName(family, namespace), family, list] as const,
  )
  named.sort(([a], [b]) => (a < b ? -1 : 1))
  const starts = new Uint32Array(named.length + 1)
  const lineOf = new Uint32Array(samples.count)
  const bySlot: Sample[] = []
  const series: { head: string; tail: string }[] = []
  for (const [index, [name, , list]] of named.entries()) {
    for (const sample of list) {
      lineOf[sample.index] = series.length
      const text = `${renderSeries(name, hasLabels ? HERE : '', sample)} `
      const split = hasLabels ? text.indexOf(HERE) : text.length
      series.push({ head: text.slice(0, split), tail: text.slice(split + 1) })
      if (samples.count <= MOST_SAMPLES) bySlot[sample.index] = sample
    }
    starts[index + 1] = series.length
  }
  return {
    families: named.map(([, family]) => family),
    starts,
    lineOf,
    series,
    samples: samples.count <= MOST_SAMPLES ? bySlot : undefined,
  }
}

function textOf({ series }: Lines, between = ''): string {
  let text = ''
  for (const { head, tail } of series) text += head + between + tail
  return text
}

/** Whether two samples are of the same series, given that they are of the same family. */
export function sameSeries(a: Sample, b: Sample): boolean {
  return a.suffix === b.suffix && sameLabels(a.labels, b.labels)
}

function sameLabels(a: Labels, b: Labels): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i]![0] && value === b[i]![1])
}
