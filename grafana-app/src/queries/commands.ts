/** The commands of one node, a value a command (label cmd), instant. */
type OfNode = (of: string) => string

/** Those that take most of its time; seconds a second. */
export const busiest: OfNode = (of) =>
  `topk(10, sum by (cmd) (rate(redis_commands_duration_seconds_total{${of}}[5m])) > 0)`

/** Calls a second. */
export const calls: OfNode = (of) => `sum by (cmd) (rate(redis_commands_total{${of}}[5m])) > 0`

/** Microseconds that 99 of 100 calls since the start stay below. */
export const slowest: OfNode = (of) => `max by (cmd) (redis_latency_percentiles_usec{quantile="99", ${of}})`

/** Calls that failed or were refused, a second. */
export const failed: OfNode = (of) =>
  `sum by (cmd) (rate(redis_commands_failed_calls_total{${of}}[5m]) + rate(redis_commands_rejected_calls_total{${of}}[5m])) > 0`
