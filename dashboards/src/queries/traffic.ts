/** What clients ask, what they get, how long it takes. All a second, of the chosen nodes. */
import { ofNodes } from './selectors.js'

const perSecond = (metric: string, matchers = '') =>
  `rate(${metric}{${ofNodes}${matchers}}[$__rate_interval])`

export const commandsByNode = `sum by (instance) (${perSecond('redis_commands_processed_total')})`

export const commandsByName = `sum by (cmd) (${perSecond('redis_commands_total')})`

/** Mean seconds a call, where there are calls. */
export const timePerCall = `sum by (cmd) (${perSecond('redis_commands_duration_seconds_total')}) / (sum by (cmd) (${perSecond('redis_commands_total')}) > 0)`

export const hits = `sum by (redis_cluster) (${perSecond('redis_keyspace_hits_total')})`

export const misses = `sum by (redis_cluster) (${perSecond('redis_keyspace_misses_total')})`

/** 0..1; no value without reads. */
export const hitRatio = `${hits} / (${hits} + ${misses} > 0)`

/** By kind. Redirections (MOVED, ASK) are how a cluster works, not errors. A line at 0 when there are none. */
export const errors = `sum by (err) (${perSecond('redis_errors_total', ', err!~"MOVED|ASK"')}) or on () label_replace(0 * sum(${perSecond('redis_commands_processed_total')}), "err", "none", "", "")`

/** MOVED and ASK: many of them mean that clients hold an old map of the slots. A line at 0 when there are none. */
export const redirections = `sum by (redis_cluster) (${perSecond('redis_errors_total', ', err=~"MOVED|ASK"')}) or 0 * sum by (redis_cluster) (${perSecond('redis_commands_processed_total')})`

/** Cores, of the whole process. */
export const cpu = `sum by (instance) (${perSecond('redis_cpu_sys_seconds_total')}) + sum by (instance) (${perSecond('redis_cpu_user_seconds_total')})`
