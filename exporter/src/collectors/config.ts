import type { Samples } from '../exposition/families.js'
import { pairsOf, type NodeReading } from '../redis/replies.js'
import { family, numberOf, repliesOf, type Collector, type CollectOptions } from './table.js'

/** CONFIG GET. */
const keyValue = family('gauge', 'config_key_value', 'A configuration parameter as text; always 1.')
const value = family('gauge', 'config_value', 'A configuration parameter that is a number.')
const limitBytes = family(
  'gauge',
  'config_client_output_buffer_limit_bytes',
  'Output buffer limit of a class of clients; 0 when unlimited.',
)
const limitSeconds = family(
  'gauge',
  'config_client_output_buffer_limit_overcome_seconds',
  'Seconds that a client may be above the soft limit.',
)

/** Parameters with a family of their own, always exported. */
const PARAMETERS = {
  'io-threads': family('gauge', 'config_io_threads', 'The io-threads setting.'),
  maxclients: family('gauge', 'config_maxclients', 'The maxclients setting.'),
  maxmemory: family('gauge', 'config_maxmemory', 'The maxmemory setting in bytes; 0 when unlimited.'),
  'repl-backlog-size': family('gauge', 'config_repl_backlog_size', 'The repl-backlog-size setting in bytes.'),
}

/** Of COMMANDLOG (Valkey 8.1 and later). */
const COMMANDLOG_PARAMETERS = {
  'commandlog-execution-slower-than': family(
    'gauge',
    'commandlog_execution_slower_than',
    'Microseconds from which a command is logged as slow; negative when switched off.',
  ),
  'commandlog-slow-execution-max-len': family(
    'gauge',
    'commandlog_slow_execution_max_len',
    'Entries that the log of slow commands holds at most.',
  ),
  'commandlog-request-larger-than': family(
    'gauge',
    'commandlog_request_larger_than',
    'Bytes from which a request is logged as large; negative when switched off.',
  ),
  'commandlog-large-request-max-len': family(
    'gauge',
    'commandlog_large_request_max_len',
    'Entries that the log of large requests holds at most.',
  ),
  'commandlog-reply-larger-than': family(
    'gauge',
    'commandlog_reply_larger_than',
    'Bytes from which a reply is logged as large; negative when switched off.',
  ),
  'commandlog-large-reply-max-len': family(
    'gauge',
    'commandlog_large_reply_max_len',
    'Entries that the log of large replies holds at most.',
  ),
}

const own = new Map(Object.entries({ ...PARAMETERS, ...COMMANDLOG_PARAMETERS }))

/** Never exported unless --redact-config-metrics=false. redis_exporter has the first four. */
const SECRETS: ReadonlySet<string> = new Set([
  'masterauth',
  'requirepass',
  'tls-key-file-pass',
  'tls-client-key-file-pass',
  'sentinel-pass',
])

export const config: Collector = {
  name: 'config',
  source: 'CONFIG GET',
  readings: ['config'],
  families: [keyValue, value, limitBytes, limitSeconds, ...own.values()],
  collect: collectConfig,
}

function collectConfig(reading: NodeReading, samples: Samples, options: CollectOptions): void {
  const [reply] = repliesOf(reading, 'config')
  for (const [key, text] of pairsOf(reply)) {
    if (typeof text !== 'string') continue
    const number = numberIn(text)
    const family = own.get(key)
    if (family && number !== undefined) samples.add(family, number)
    if (key === 'client-output-buffer-limit') collectLimits(text, samples)
    if (!options.configMetrics || (SECRETS.has(key) && options.redactConfig !== false)) continue
    samples.add(keyValue, 1, [
      ['key', key],
      ['value', text],
    ])
    if (number !== undefined) samples.add(value, number, [['key', key]])
  }
}

/** `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`: class, hard, soft, seconds. */
function collectLimits(text: string, samples: Samples): void {
  const words = text.split(' ')
  const seen = new Set<string>()
  for (let i = 0; i + 3 < words.length; i += 4) {
    const [name, hard, soft, seconds] = words.slice(i, i + 4)
    if (seen.has(name!)) continue
    seen.add(name!)
    const add = (family: typeof limitBytes, limit: string, text: string | undefined) => {
      const number = numberOf(text)
      if (number === undefined) return
      samples.add(family, number, [
        ['class', name!],
        ['limit', limit],
      ])
    }
    add(limitBytes, 'hard', hard)
    add(limitBytes, 'soft', soft)
    add(limitSeconds, 'soft', seconds)
  }
}

/** Words (`yes`, `ok`) are no numbers here. */
function numberIn(text: string): number | undefined {
  return /^[-+]?(\d|\.\d|inf$)/i.test(text) ? numberOf(text) : undefined
}
