import type { EvictionPolicySpec } from '../../api/contract'
import { isPolicy, type Policy } from './policies'

export const UNITS = { MiB: 1024 ** 2, GiB: 1024 ** 3 } as const
export type Unit = keyof typeof UNITS

/** The form as it is filled in; empty: stays as it is. */
export interface Draft {
  readonly policy: Policy | undefined
  /** In `unit`, as it is typed. */
  readonly maxmemory: string
  readonly unit: Unit
  readonly samples: string
  readonly persist: boolean
  readonly allowEviction: boolean
}

export const EMPTY: Draft = {
  policy: undefined,
  maxmemory: '',
  unit: 'MiB',
  samples: '',
  persist: false,
  allowEviction: false,
}

/** The form of a plan that was made. */
export function draftOf(spec: unknown): Draft {
  const { policy, maxmemory, samples, persist, allowEviction } = (spec ?? {}) as Partial<EvictionPolicySpec>
  const unit = maxmemory !== undefined && maxmemory > 0 && maxmemory % UNITS.GiB === 0 ? 'GiB' : 'MiB'
  return {
    policy: policy !== undefined && isPolicy(policy) ? policy : undefined,
    maxmemory: maxmemory === undefined ? '' : String(maxmemory / UNITS[unit]),
    unit,
    samples: samples === undefined ? '' : String(samples),
    persist: persist ?? false,
    allowEviction: allowEviction ?? false,
  }
}

export interface Checked {
  readonly spec: Record<string, unknown>
  readonly errors: { readonly maxmemory?: string; readonly samples?: string }
  /** Whether it can be sent. */
  readonly complete: boolean
}

/** What is sent, and what is wrong with what was typed. */
export function check({ policy, maxmemory, unit, samples, persist, allowEviction }: Draft): Checked {
  const limit = maxmemory.trim() === '' ? undefined : Math.round(Number(maxmemory) * UNITS[unit])
  const number = samples.trim() === '' ? undefined : Number(samples)
  const errors = {
    ...(limit !== undefined && !(limit >= 0 && Number.isSafeInteger(limit))
      ? { maxmemory: 'A number of 0 or more; 0 is no limit.' }
      : {}),
    ...(number !== undefined && !(Number.isInteger(number) && number >= 1 && number <= 64)
      ? { samples: 'A whole number from 1 to 64.' }
      : {}),
  }
  const set = {
    ...(policy !== undefined && { policy }),
    ...(limit !== undefined && { maxmemory: limit }),
    ...(number !== undefined && { samples: number }),
  }
  return {
    spec: { ...set, persist, allowEviction },
    errors,
    complete: Object.keys(set).length > 0 && Object.keys(errors).length === 0,
  }
}
