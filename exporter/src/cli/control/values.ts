/** Reads the value of a flag; undefined: it is not understood. */
export type Parse = (text: string) => unknown

export const text: Parse = (given) => given
/** A flag without a value. */
export const flag: Parse = () => true
export const list: Parse = (given) => given.split(',')
export const number: Parse = (given) => (/^\d{1,15}(\.\d+)?$/.test(given) ? Number(given) : undefined)
const UNITS: Readonly<Record<string, number>> = { '': 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }
export const bytes: Parse = (given) => {
  const [, digits, unit] = /^(\d{1,15})(kb|mb|gb)?$/i.exec(given) ?? []
  return digits === undefined ? undefined : Number(digits) * UNITS[(unit ?? '').toLowerCase()]!
}

/** What is expected where a value is not understood. */
export const EXPECTED = new Map<Parse, string>([
  [number, 'a number'],
  [bytes, 'bytes, or a number with kb, mb or gb'],
])
