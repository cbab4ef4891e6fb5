import type { EvictionPolicySpec } from '../../api/contract'
import { NUMBERS, SWITCHES, type NumberField, type SwitchField } from './parameters'
import { isPolicy, type Policy } from './policies'

export const UNITS = { MiB: 1024 ** 2, GiB: 1024 ** 3 } as const
export type Unit = keyof typeof UNITS

/** On, off, or as it is. */
export type Switch = 'yes' | 'no' | ''

/** The form as it is filled in; empty: stays as it is. */
export interface Draft extends Readonly<Record<NumberField, string>>, Readonly<Record<SwitchField, Switch>> {
  readonly policy: Policy | undefined
  /** In `unit`, as it is typed. */
  readonly maxmemory: string
  readonly unit: Unit
  /** Bytes as redis.conf has them, or a share: `5%`. */
  readonly maxmemoryClients: string
  readonly persist: boolean
  readonly allowEviction: boolean
}

const NUMBER_FIELDS = Object.keys(NUMBERS) as NumberField[]
const SWITCH_FIELDS = Object.keys(SWITCHES) as SwitchField[]
const each = <K extends string, V>(names: readonly K[], value: (name: K) => V) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>

export const EMPTY: Draft = {
  policy: undefined,
  maxmemory: '',
  unit: 'MiB',
  maxmemoryClients: '',
  ...each(NUMBER_FIELDS, () => ''),
  ...each<SwitchField, Switch>(SWITCH_FIELDS, () => ''),
  persist: false,
  allowEviction: false,
}

/** The form of a plan that was made, or of an advice. */
export function draftOf(given: unknown): Draft {
  const spec = (given ?? {}) as Partial<EvictionPolicySpec>
  const { policy, maxmemory, maxmemoryClients, persist, allowEviction } = spec
  const unit = maxmemory !== undefined && maxmemory > 0 && maxmemory % UNITS.GiB === 0 ? 'GiB' : 'MiB'
  const text = (value: string | number | undefined) => (value === undefined ? '' : String(value))
  return {
    policy: policy !== undefined && isPolicy(policy) ? policy : undefined,
    maxmemory: maxmemory === undefined ? '' : String(maxmemory / UNITS[unit]),
    unit,
    maxmemoryClients: text(maxmemoryClients),
    ...each(NUMBER_FIELDS, (name) => text(spec[name])),
    ...each<SwitchField, Switch>(SWITCH_FIELDS, (name) =>
      spec[name] === undefined ? '' : spec[name] ? 'yes' : 'no',
    ),
    persist: persist ?? false,
    allowEviction: allowEviction ?? false,
  }
}

/** Whether something is filled in that the form folds away. */
export function isAdvanced(draft: Draft): boolean {
  const folded = NUMBER_FIELDS.filter((name) => name !== 'samples').map((name) => draft[name])
  const switches = SWITCH_FIELDS.map((name) => draft[name])
  return [...folded, ...switches, draft.maxmemoryClients].some((value) => value !== '')
}

export interface Checked {
  readonly spec: Record<string, unknown>
  readonly errors: Readonly<Partial<Record<NumberField | 'maxmemory' | 'maxmemoryClients', string>>>
  /** Whether it can be sent. */
  readonly complete: boolean
}

/** What is sent, and what is wrong with what was typed. */
export function check(draft: Draft): Checked {
  const { policy, persist, allowEviction } = draft
  const errors: Record<string, string> = {}
  const limit =
    draft.maxmemory.trim() === '' ? undefined : Math.round(Number(draft.maxmemory) * UNITS[draft.unit])
  if (limit !== undefined && !(limit >= 0)) errors.maxmemory = 'A number of 0 or more; 0 is no limit.'
  else if (limit !== undefined && !Number.isSafeInteger(limit))
    errors.maxmemory = 'Too much: less than 8 PiB.'
  const clients = draft.maxmemoryClients.trim()
  if (clients !== '' && !/^(\d+(b|k|kb|m|mb|g|gb)?|(100|[1-9]?\d)%)$/i.test(clients))
    errors.maxmemoryClients = 'Bytes, a number with kb, mb or gb, or 0% to 100%.'
  const numbers = NUMBER_FIELDS.flatMap((name): (readonly [string, number])[] => {
    if (draft[name].trim() === '') return []
    const value = Number(draft[name])
    const { min, max } = NUMBERS[name]
    if (!(Number.isInteger(value) && value >= min && value <= max))
      errors[name] = `A whole number ${max > 1000 ? `of ${min} or more` : `from ${min} to ${max}`}.`
    return [[name, value]]
  })
  const switches = SWITCH_FIELDS.flatMap((name) =>
    draft[name] === '' ? [] : [[name, draft[name] === 'yes'] as const],
  )
  const set = {
    ...(policy !== undefined && { policy }),
    ...(limit !== undefined && { maxmemory: limit }),
    ...Object.fromEntries(numbers),
    ...(clients !== '' && { maxmemoryClients: clients }),
    ...Object.fromEntries(switches),
  }
  return {
    spec: { ...set, persist, allowEviction },
    errors,
    complete: Object.keys(set).length > 0 && Object.keys(errors).length === 0,
  }
}
