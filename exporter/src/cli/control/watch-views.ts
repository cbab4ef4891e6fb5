import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import type { NodeProgress, Operation } from '../../contract/operations.js'
import { count, duration, figures } from './figures.js'
import { shortTime } from './render.js'
import { harmless, type Terminal } from './terminal.js'

/** Shows an operation again and again. */
export interface View {
  update(operation: Operation): void
  stop(): void
}

export function jsonLines(terminal: Terminal): View {
  let last = ''
  return {
    update: (operation) => {
      const text = JSON.stringify(operation)
      if (text !== last) terminal.print(text)
      last = text
    },
    stop: () => undefined,
  }
}

/** The timeline as it grows, and a line each tenth of what is counted. */
export function textLines(terminal: Terminal): View {
  const speed = speedometer()
  let last: string | undefined
  let tenth = 0
  return {
    update: (operation) => {
      const { timeline, progress, counts } = operation
      const lines = timeline.map(({ time, text }) => harmless(`${shortTime(time)}  ${text}`))
      // A long timeline loses lines of its middle.
      for (const line of lines.slice(last === undefined ? 0 : lines.lastIndexOf(last) + 1))
        terminal.print(line)
      last = lines.at(-1)
      const text = pace(operation, speed(progress.done))
      const reached = Math.floor((10 * progress.done) / Math.max(1, progress.total))
      if (counts && reached > tenth)
        terminal.print(`${count(progress.done)} of ${count(progress.total)}${text === '' ? '' : `, ${text}`}`)
      tenth = Math.max(tenth, reached)
    },
    stop: () => undefined,
  }
}

/** A bar for the whole, and where nodes count, a bar or a line for each of them. */
export function bars(stream: NodeJS.WriteStream): View {
  const all = new MultiBar(
    { stream, hideCursor: true, fps: 20, emptyOnZero: true, format: '{state} [{bar}] {done}/{all}  {text}' },
    Presets.legacy,
  )
  const speed = speedometer()
  const nodes = new Map<string, SingleBar>()
  let whole: SingleBar | undefined
  return {
    update: (operation) => {
      const { state, progress, gates, timeline, summary, counts } = operation
      const happened = gates[0] ?? (counts ? summary : (timeline.at(-1)?.text ?? summary))
      const text = [pace(operation, speed(progress.done)), happened].filter((part) => part !== '').join('; ')
      whole ??= all.create(progress.total, progress.done)
      show(whole, progress, { state: state.padEnd(9), text })
      for (const node of operation.nodes) {
        if (node.counts === undefined) continue
        const { done = 0, total = 0 } = node
        const format =
          total > 0
            ? `  ${node.node.padEnd(21)} [{bar}] {done}/{all}  {text}`
            : `  ${node.node.padEnd(21)} {text}`
        if (!nodes.has(node.node))
          nodes.set(node.node, all.create(total, done, {}, { format: harmless(format) }))
        show(nodes.get(node.node)!, { done, total }, { text: nodeText(node) })
      }
    },
    stop: () => all.stop(),
  }
}

function show(bar: SingleBar, { done, total }: Operation['progress'], payload: Record<string, string>): void {
  bar.setTotal(total)
  const shown: Record<string, string> = { done: count(done), all: count(total) }
  for (const [name, text] of Object.entries(payload)) shown[name] = harmless(text).replaceAll('\n', ' ')
  bar.update(done, shown)
}

function nodeText({ outcome, note, counts = {} }: NodeProgress): string {
  const { written = 0, existing = 0, failed = 0 } = counts
  const shown = { written, ...(existing > 0 && { existing }), ...(failed > 0 && { failed }) }
  return [outcome === 'working' ? '' : outcome, figures(shown), note].filter((part) => part !== '').join(', ')
}

/** How fast it goes and how long it takes yet; empty for what counts nothing. */
function pace({ counts, etaSeconds, state }: Operation, perSecond: number): string {
  if (!counts || state !== 'running') return ''
  return `${count(perSecond)} keys/s${etaSeconds === undefined ? '' : `, ${duration(etaSeconds)} left`}`
}

const SPEED_OVER_MS = 5000

/** What was done a second of late, when it is told now and then what was done altogether. */
function speedometer(): (done: number) => number {
  const seen: { at: number; done: number }[] = []
  return (done) => {
    const at = performance.now()
    seen.push({ at, done })
    while (seen.length > 2 && seen[0]!.at < at - SPEED_OVER_MS) seen.shift()
    const [first] = seen
    return at === first!.at ? 0 : (1000 * (done - first!.done)) / (at - first!.at)
  }
}
