import type { EvictKeysSpec, Rate } from '../../api/contract'
import { isRate } from '../operations/rate'
import type { KeyType } from '../operations/TypesField'

const MIB = 1024 ** 2

/** The form as it is filled in. Numbers and times are text as typed; empty is none. */
export interface Draft {
  readonly match: string
  readonly all: boolean
  readonly types: readonly KeyType[]
  /** `30d`, `12h`, `90`. */
  readonly idleOver: string
  readonly freqUnder: string
  readonly ttlUnder: string
  readonly noTtl: boolean
  readonly sizeOverKiB: string
  readonly count: EvictKeysSpec['count']
  readonly rate: Rate
  readonly limitKeys: string
  readonly limitMiB: string
  readonly limitPercent: string
  readonly sample: string
}

/** The defaults of the API. */
export const STANDARD: Draft = {
  match: '',
  all: false,
  types: [],
  idleOver: '',
  freqUnder: '',
  ttlUnder: '',
  noTtl: false,
  sizeOverKiB: '',
  count: 'sample',
  rate: { keysPerSecond: 10_000 },
  limitKeys: '',
  limitMiB: '',
  limitPercent: '',
  sample: '1000',
}

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const

/** `30d`, as it would be typed. */
export function timeText(seconds: number | undefined): string {
  if (seconds === undefined) return ''
  const [size, unit] = UNITS.find(([size]) => seconds % size === 0) ?? [1, 's']
  return `${seconds / size}${unit}`
}

const text = (value: number | undefined) => (value === undefined ? '' : String(value))

/** The form of a plan that was made. */
export function draftOf(spec: unknown): Draft {
  if (spec === undefined || spec === null) return STANDARD
  const { match, all, types, idleOver, freqUnder, ttlUnder, noTtl, sizeOver, count, rate, limits, verify } =
    spec as EvictKeysSpec
  return {
    match,
    all,
    types: types ?? [],
    idleOver: timeText(idleOver),
    freqUnder: text(freqUnder),
    ttlUnder: timeText(ttlUnder),
    noTtl,
    sizeOverKiB: text(sizeOver === undefined ? undefined : sizeOver / 1024),
    count,
    rate,
    limitKeys: text(limits.keys),
    limitMiB: text(limits.bytes === undefined ? undefined : limits.bytes / MIB),
    limitPercent: text(limits.share === undefined ? undefined : limits.share * 100),
    sample: text(verify.sample),
  }
}

const TIME = /^\d{1,9}[smhd]?$/
const WRONG_TIME = 'A whole number with s, m, h or d: 30d.'

/** A pattern that every key matches, or every key that is not empty; `[^]`, closed or not, is any byte. */
export const isEverything = (match: string) => /^(?=.*\*)(?:[*?]|\[\^\])*(?:\[\^)?$/.test(match)

type Numeric = 'freqUnder' | 'sizeOverKiB' | 'limitKeys' | 'limitMiB' | 'limitPercent' | 'sample'
export type Errors = Partial<Record<keyof Draft, string>>

/** What is wrong with what was typed; empty when nothing is. What is only missing yet is for `isComplete`. */
export function errorsOf(draft: Draft): Errors {
  const number = (field: Numeric, from: number, to: number, whole = true): Errors => {
    const typed = draft[field].trim()
    if (typed === '' && field !== 'sample') return {}
    const value = Number(typed)
    const right = typed !== '' && value >= from && value <= to && (!whole || Number.isInteger(value))
    return right
      ? {}
      : { [field]: `A ${whole ? 'whole ' : ''}number from ${from} to ${to.toLocaleString('en-US')}.` }
  }
  const time = (field: 'idleOver' | 'ttlUnder'): Errors => {
    const typed = draft[field].trim()
    return typed === '' || (TIME.test(typed) && parseInt(typed) > 0) ? {} : { [field]: WRONG_TIME }
  }
  return {
    ...(isEverything(draft.match) &&
      !draft.all && { match: 'This is every key: say so below, or give a narrower pattern.' }),
    ...time('idleOver'),
    ...number('freqUnder', 1, 255),
    ...time('ttlUnder'),
    ...(draft.noTtl && draft.ttlUnder.trim() !== '' && { ttlUnder: 'No key has a TTL and has none.' }),
    ...(draft.idleOver.trim() !== '' &&
      draft.freqUnder.trim() !== '' && { freqUnder: 'A node knows either idle times or frequencies.' }),
    ...number('sizeOverKiB', 0.001, 1e9, false),
    ...number('limitKeys', 1, 1e12),
    ...number('limitMiB', 0.001, 1e9, false),
    ...number('limitPercent', 0.001, 100, false),
    ...number('sample', 0, 100_000),
  }
}

export const isComplete = (draft: Draft) =>
  draft.match !== '' && isRate(draft.rate) && Object.keys(errorsOf(draft)).length === 0

const given = (typed: string) => (typed.trim() === '' ? undefined : typed.trim())
const time = (typed: string) => {
  const value = given(typed)
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : value
}
const number = (typed: string) => (given(typed) === undefined ? undefined : Number(typed))

/** What is sent; of a complete draft. */
export function specOf(draft: Draft): Record<string, unknown> {
  const [idleOver, ttlUnder] = [time(draft.idleOver), time(draft.ttlUnder)]
  const [freqUnder, size, keys, mebibytes, share] = [
    draft.freqUnder,
    draft.sizeOverKiB,
    draft.limitKeys,
    draft.limitMiB,
    draft.limitPercent,
  ].map(number)
  return {
    match: draft.match,
    ...(isEverything(draft.match) && { all: true }),
    ...(draft.types.length > 0 && { types: draft.types }),
    ...(idleOver !== undefined && { idleOver }),
    ...(freqUnder !== undefined && { freqUnder }),
    ...(ttlUnder !== undefined && { ttlUnder }),
    ...(draft.noTtl && { noTtl: true }),
    ...(size !== undefined && { sizeOver: Math.max(1, Math.round(size * 1024)) }),
    count: draft.count,
    rate: draft.rate,
    limits: {
      ...(keys !== undefined && { keys }),
      ...(mebibytes !== undefined && { bytes: Math.round(mebibytes * MIB) }),
      ...(share !== undefined && { share: share / 100 }),
    },
    verify: { sample: Number(draft.sample) },
  }
}

/** The criteria in words: `match session:*, are idle for more than 30d`. */
export function sayCriteria(spec: Partial<EvictKeysSpec>): string {
  const { match = '', types, idleOver, freqUnder, ttlUnder, noTtl, sizeOver } = spec
  return [
    `match ${match}`,
    ...(types ? [`are of type ${types.join(' or ')}`] : []),
    ...(idleOver === undefined ? [] : [`are idle for more than ${timeText(idleOver)}`]),
    ...(freqUnder === undefined ? [] : [`have a frequency below ${freqUnder}`]),
    ...(ttlUnder === undefined ? [] : [`expire within ${timeText(ttlUnder)}`]),
    ...(noTtl ? ['never expire'] : []),
    ...(sizeOver === undefined ? [] : [`take more than ${sizeOver} bytes`]),
  ].join(', ')
}
