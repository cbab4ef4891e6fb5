/** Numbers, sizes and times as people read them. Pure, so that every page and panel says them alike. */

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

/** `60,000` */
export const count = (value: number) => integer.format(value)

/** `1 key`, `60,000 keys`; give the plural where it is not just an s. */
export const counted = (value: number, one: string, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `48 MiB`; powers of 1024 as Redis has them. */
export function bytes(value: number): string {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)))
  return `${oneDigit.format(value / 1024 ** power)} ${SIZES[power]!}`
}

/** `+1,200`, `-3`, `no change`; `say` writes the number. */
export function difference(from: number, to: number, say: (value: number) => string = count): string {
  if (from === to) return 'no change'
  return `${to > from ? '+' : '-'}${say(Math.abs(to - from))}`
}

/** `12.3 %`; below a tenth of a percent it says so instead of 0. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return `${oneDigit.format(share * 100)} %`
}

/** `3 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`; two units at most. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = (
    [
      [Math.floor(whole / 86_400), 'd'],
      [Math.floor(whole / 3600) % 24, 'h'],
      [Math.floor(whole / 60) % 60, 'min'],
      [whole % 60, 's'],
    ] as const
  ).filter(([value]) => value > 0)
  const first = parts[0]
  if (!first) return '0 s'
  return parts
    .slice(0, 2)
    .filter(([, unit]) => first[1] !== 'd' || unit === 'd' || unit === 'h')
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ')
}

/** The first eight characters: enough to compare by eye, the whole is one click away. */
export const short = (hash: string) => hash.slice(0, 8)
