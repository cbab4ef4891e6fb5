import type { Family } from '../exposition/families.js'

const families = new Map<string, Family>()

/**
 * Whether a field of INFO that has no family is to pass through: a number under a name that no family has.
 * @param taken names of families, without the namespace
 */
export function isUnknown(field: string, text: string, taken: ReadonlySet<string>): boolean {
  return (
    /^[a-z][a-z0-9_]*$/i.test(field) && /^-?(0|[1-9]\d{0,18})(\.\d{1,12})?$/.test(text) && !taken.has(field)
  )
}

/** The family of such a field. Nobody knows whether it counts or measures. */
export function untyped(field: string): Family {
  let family = families.get(field)
  if (!family) families.set(field, (family = { name: field, type: 'untyped', help: `${field} of INFO.` }))
  return family
}
