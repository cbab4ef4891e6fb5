/** Readers of a plan's `details`. The contract leaves them open, so what is not there reads as nothing. */
export const fields = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
export const text = (value: unknown) => (typeof value === 'string' ? value : '')
export const number = (value: unknown) => (typeof value === 'number' ? value : 0)
export const list = (value: unknown) => (Array.isArray(value) ? value : []).map(fields)

/** Keys of each type, most first. */
export const keysByType = (value: unknown) =>
  Object.entries(fields(value))
    .map(([type, keys]) => [type, number(keys)] as const)
    .sort(([, a], [, b]) => b - a)
