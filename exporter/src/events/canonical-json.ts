const MAX_DEPTH = 64

/** Text that stands in JSON as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A text as JSON. Nearly all are plain, and that is seen in half the time. */
export const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/**
 * JSON as RFC 8785 (JCS) writes it. Members that are `undefined` are left out, as JSON.stringify does.
 * @throws TypeError as `mustBeJson` does
 */
export function canonicalJson(value: unknown): string {
  mustBeJson(value)
  return textOf(value)
}

/** @throws TypeError for what JSON has no form for (NaN, functions, bigint, …) and for more than 64 levels */
export function mustBeJson(value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) throw new TypeError(`is nested deeper than ${MAX_DEPTH} levels`)
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value))
    return
  if (Array.isArray(value)) {
    for (const item of value) mustBeJson(item, depth + 1)
  } else if (typeof value === 'object') {
    const record = value as Readonly<Record<string, unknown>>
    for (const name of Object.keys(record))
      if (record[name] !== undefined) mustBeJson(record[name], depth + 1)
  } else {
    const shown = typeof value === 'number' ? String(value) : `a ${typeof value}`
    throw new TypeError(`has ${shown}, which JSON cannot hold`)
  }
}

/** Canonical JSON of what `mustBeJson` let pass. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  // ECMAScript writes numbers as RFC 8785 wants them.
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  const record = value as Readonly<Record<string, unknown>>
  let members = ''
  for (const name of namesOf(record)) {
    if (record[name] === undefined) continue
    if (members !== '') members += ','
    members += `${quoted(name)}:${textOf(record[name])}`
  }
  return `{${members}}`
}

/** More names than this are left to `sort`, which needs memory for its work. */
const FEW = 16

/** Names of members in the order of RFC 8785. */
function namesOf(record: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(record)
  if (names.length > FEW) return names.sort()
  for (let i = 1; i < names.length; i++) {
    const name = names[i]!
    let at = i
    for (; at > 0 && names[at - 1]! > name; at--) names[at] = names[at - 1]!
    names[at] = name
  }
  return names
}
