import type { Field } from '../../api/contract'

/** Every field of the spec with its parameter of redis.conf; the compiler holds the names together. */
export const PARAMETERS = {
  policy: 'maxmemory-policy',
  maxmemory: 'maxmemory',
  samples: 'maxmemory-samples',
  tenacity: 'maxmemory-eviction-tenacity',
  lfuLogFactor: 'lfu-log-factor',
  lfuDecayTime: 'lfu-decay-time',
  activeExpireEffort: 'active-expire-effort',
  maxmemoryClients: 'maxmemory-clients',
  lazyfreeEviction: 'lazyfree-lazy-eviction',
  lazyfreeExpire: 'lazyfree-lazy-expire',
  lazyfreeServerDel: 'lazyfree-lazy-server-del',
  lazyfreeUserDel: 'lazyfree-lazy-user-del',
  lazyfreeUserFlush: 'lazyfree-lazy-user-flush',
  replicaIgnoreMaxmemory: 'replica-ignore-maxmemory',
} as const satisfies Record<Field, string>

export const FIELDS = Object.keys(PARAMETERS) as Field[]

/** Whole numbers, with their ranges; those of the engines. */
export const NUMBERS = {
  samples: { min: 1, max: 64, help: 'more find better keys to evict and cost more CPU' },
  tenacity: { min: 0, max: 100, help: 'how long evictions may hold up commands; 100: without end' },
  lfuLogFactor: { min: 0, max: 2_147_483_647, help: 'how slowly the counters of LFU grow' },
  lfuDecayTime: { min: 0, max: 2_147_483_647, help: 'minutes until a counter of LFU falls by one; 0: never' },
  activeExpireEffort: { min: 1, max: 10, help: 'how much time goes into finding expired keys' },
} as const satisfies Partial<Record<Field, { min: number; max: number; help: string }>>

/** What is on or off. */
export const SWITCHES = {
  lazyfreeEviction: 'evicted values are freed aside',
  lazyfreeExpire: 'expired values are freed aside',
  lazyfreeServerDel: 'values that a command writes over are freed aside',
  lazyfreeUserDel: 'DEL works as UNLINK',
  lazyfreeUserFlush: 'FLUSHALL works as with ASYNC',
  replicaIgnoreMaxmemory: 'a replica evicts nothing by itself',
} as const satisfies Partial<Record<Field, string>>

export type NumberField = keyof typeof NUMBERS
export type SwitchField = keyof typeof SWITCHES
