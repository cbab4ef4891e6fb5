const MAX_DEPTH = 64

/** Text that stands in JSON as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A text as JSON. Nearly all are plain, and that is seen in half the time. */
export const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/**
 * JSON as RFC 8785 (JCS) writes it. Members that are `undefined` are left out, as JSON.stringify does.
 * @throws TypeError for what JSON has no form for (NaN, functions, bigint, …) and for more than 64 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (isPlain(value, depth)) return typeof value === 'string' ? quoted(value) : String(value)
  if (Array.isArray(value)) {
    let items = ''
    for (const item of value) items += (items === '' ? '' : ',') + canonicalJson(item, depth + 1)
    return `[${items}]`
  }
  const record = value as Readonly<Record<string, unknown>>
  let members = ''
  for (const name of namesOf(record)) {
    const member = record[name]
    if (member === undefined) continue
    if (members !== '') members += ','
    members += `${quoted(name)}:${canonicalJson(member, depth + 1)}`
  }
  return `{${members}}`
}

/**
 * What `canonicalJson` would write of a value now, as a copy that nobody else has.
 * @throws TypeError as `canonicalJson` does
 */
export function ownJson(value: unknown, depth = 0): unknown {
  if (isPlain(value, depth)) return value
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    for (const item of value) copy.push(ownJson(item, depth + 1))
    return copy
  }
  const record = value as Readonly<Record<string, unknown>>
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(record)) {
    const member = record[name]
    if (member === undefined) continue
    const own = ownJson(member, depth + 1)
    // To assign to that name would set what the copy inherits from.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: own, enumerable: true })
    else copy[name] = own
  }
  return copy
}

/** Whether it has no parts. ECMAScript writes numbers as RFC 8785 wants them. */
function isPlain(value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new TypeError(`is nested deeper than ${MAX_DEPTH} levels`)
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value))
    return true
  if (typeof value === 'object') return false
  const shown = typeof value === 'number' ? String(value) : `a ${typeof value}`
  throw new TypeError(`has ${shown}, which JSON cannot hold`)
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
