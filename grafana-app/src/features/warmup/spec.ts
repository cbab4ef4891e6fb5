import type { Rate, WarmupSpec } from '../../api/contract'
import { NORMAL } from '../operations/RateFields'
import type { KeyType } from '../operations/TypesField'
import { idOf } from './sources'

const MIB = 1024 ** 2

/** The form as it is filled in. Numbers are text as typed; empty is none. */
export interface Draft {
  /** Of the source chosen, as idOf() writes it; empty: none yet. */
  readonly source: string
  readonly match: string
  readonly prefix: string
  readonly types: readonly KeyType[]
  readonly maxMiB: string
  readonly minTtlSeconds: string
  readonly rate: Rate
  readonly conflict: WarmupSpec['conflict']
  readonly jitterPercent: string
  readonly maxTtlSeconds: string
  readonly limitKeys: string
  readonly limitMiB: string
  readonly memoryPercent: string
  readonly sample: string
  readonly restore: WarmupSpec['restore']
}

/** The defaults of the API: a warmup that hurts nobody. */
export const STANDARD: Draft = {
  source: '',
  match: '',
  prefix: '',
  types: [],
  maxMiB: '16',
  minTtlSeconds: '',
  rate: NORMAL,
  conflict: 'skip',
  jitterPercent: '0',
  maxTtlSeconds: '',
  limitKeys: '',
  limitMiB: '',
  memoryPercent: '90',
  sample: '1000',
  restore: 'safe',
}

const text = (value: number | undefined) => (value === undefined ? '' : String(value))

/** The form of a plan that was made. */
export function draftOf(spec: unknown): Draft {
  if (spec === undefined || spec === null) return STANDARD
  const { source, select, rate, ttl, conflict, limits, verify, restore } = spec as WarmupSpec
  return {
    source: idOf(source),
    match: select.match ?? '',
    prefix: select.prefix ?? '',
    types: select.types ?? [],
    maxMiB: text(select.maxBytes / MIB),
    minTtlSeconds: text(select.minTtlSeconds),
    rate,
    conflict,
    jitterPercent: text(ttl.jitterPercent),
    maxTtlSeconds: text(ttl.maxSeconds),
    limitKeys: text(limits.keys),
    limitMiB: text(limits.bytes === undefined ? undefined : limits.bytes / MIB),
    memoryPercent: text(Math.round(limits.memoryShare * 100)),
    sample: text(verify.sample),
    restore,
  }
}

type Numeric =
  | 'maxMiB'
  | 'minTtlSeconds'
  | 'jitterPercent'
  | 'maxTtlSeconds'
  | 'limitKeys'
  | 'limitMiB'
  | 'memoryPercent'
  | 'sample'

interface Bounds {
  readonly from: number
  readonly to: number
  readonly whole?: boolean
  /** Whether it may be left empty. */
  readonly optional?: boolean
}

const BOUNDS: Readonly<Record<Numeric, Bounds>> = {
  maxMiB: { from: 0.001, to: 512 },
  minTtlSeconds: { from: 1, to: 1e9, whole: true, optional: true },
  jitterPercent: { from: 0, to: 50, whole: true },
  maxTtlSeconds: { from: 1, to: 1e9, whole: true, optional: true },
  limitKeys: { from: 1, to: 1e12, whole: true, optional: true },
  limitMiB: { from: 0.001, to: 1e9, optional: true },
  memoryPercent: { from: 5, to: 99, whole: true },
  sample: { from: 0, to: 100_000, whole: true },
}

/** What is wrong with what was typed; empty when nothing is. */
export function errorsOf(draft: Draft): Partial<Record<Numeric, string>> {
  const wrong = (Object.entries(BOUNDS) as [Numeric, Bounds][]).flatMap(
    ([field, { from, to, whole, optional }]) => {
      const typed = draft[field].trim()
      if (typed === '' && optional) return []
      const value = Number(typed)
      const right = typed !== '' && value >= from && value <= to && (!whole || Number.isInteger(value))
      return right
        ? []
        : [[field, `A ${whole ? 'whole ' : ''}number from ${from} to ${to.toLocaleString('en-US')}.`]]
    },
  )
  return Object.fromEntries(wrong) as Partial<Record<Numeric, string>>
}

const number = (typed: string) => (typed.trim() === '' ? undefined : Number(typed))

/** What is sent; of a draft without errors. */
export function specOf(draft: Draft, source: WarmupSpec['source']): Record<string, unknown> {
  const { match, prefix, types } = draft
  const [minTtlSeconds, maxSeconds, keys, mebibytes] = [
    draft.minTtlSeconds,
    draft.maxTtlSeconds,
    draft.limitKeys,
    draft.limitMiB,
  ].map(number)
  return {
    source,
    select: {
      ...(match !== '' && { match }),
      ...(prefix !== '' && { prefix }),
      ...(types.length > 0 && { types }),
      maxBytes: Math.round(Number(draft.maxMiB) * MIB),
      ...(minTtlSeconds !== undefined && { minTtlSeconds }),
    },
    rate: draft.rate,
    ttl: { jitterPercent: Number(draft.jitterPercent), ...(maxSeconds !== undefined && { maxSeconds }) },
    conflict: draft.conflict,
    limits: {
      ...(keys !== undefined && { keys }),
      ...(mebibytes !== undefined && { bytes: Math.round(mebibytes * MIB) }),
      memoryShare: Number(draft.memoryPercent) / 100,
    },
    verify: { sample: Number(draft.sample) },
    restore: draft.restore,
  }
}
