import { count } from '../../operations/figures.js'

export { count }

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `1.5 MiB` */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10))
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power]!}`
}

/** `45 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

const FIRST = ['keys', 'read', 'written', 'existing']
/** What a name alone does not say. */
const SAID: Readonly<Record<string, string>> = {
  unknown: 'not known whether evicted',
  maybeWritten: 'more maybe written',
}

/** Figures by name, in one line, what matters most first: `60,000 keys, 12.3 MiB`. */
export function figures(counts: Readonly<Record<string, number>>): string {
  const rank = (name: string): number => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1)
  return Object.entries(counts)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, number]) => (name === 'bytes' ? size(number) : `${count(number)} ${SAID[name] ?? name}`))
    .join(', ')
}
