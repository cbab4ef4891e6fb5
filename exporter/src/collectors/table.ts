import type { Family, FamilyType } from '../exposition/families.js'

/** How one INFO field becomes one sample. */
export interface FieldRule {
  readonly family: Family
  /** The field's value is divided by this (which rounds right where a factor of 1e-6 would not). */
  readonly divideBy?: number
}

/** A section of INFO as a table: field -> family. */
export interface InfoSection {
  readonly section: string
  readonly fields: Readonly<Record<string, FieldRule>>
}

type RuleOptions = Omit<FieldRule, 'family'>

function rule(type: FamilyType) {
  return (name: string, help: string, options: RuleOptions = {}): FieldRule => ({
    family: { name, type, help },
    ...options,
  })
}

export const gauge = rule('gauge')
export const counter = rule('counter')

export function infoSection(section: string, fields: Readonly<Record<string, FieldRule>>): InfoSection {
  return { section, fields }
}

/** A family that no single field stands for. */
export function family(type: FamilyType, name: string, help: string): Family {
  return { name, type, help }
}

/** A family of Slotwise's own, whose name stands as it is. */
export function ownFamily(type: FamilyType, name: string, help: string): Family {
  return { name, type, help, own: true }
}

const WORDS = new Map(Object.entries({ ok: 1, true: 1, up: 1, err: 0, fail: 0, false: 0, down: 0 }))

/**
 * The number that a field's text stands for: `ok`, `true` and `up` are 1, `err`, `fail`, `false` and `down` 0.
 * @returns undefined for text that is no number
 */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return Number.isNaN(value) ? WORDS.get(text) : value
}
