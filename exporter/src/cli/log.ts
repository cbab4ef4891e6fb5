import { pino, stdTimeFunctions, type Logger, type LoggerOptions } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { Config } from '../config/config.js'

/** As redis_exporter writes JSON, for whoever collects it: levels and times as text. */
const JSON_OPTIONS: LoggerOptions = {
  formatters: { level: (level) => ({ level }) },
  timestamp: stdTimeFunctions.isoTime,
}

/** Logs to standard error, so that what a command prints on standard output stays clean. */
export function makeLogger({ level, format }: Config['log']): Logger {
  const stream =
    format === 'json'
      ? pino.destination({ dest: 2, sync: true })
      : PinoPretty({
          destination: 2,
          sync: true,
          colorize: process.stderr.isTTY,
          ignore: 'pid,hostname',
          translateTime: 'SYS:standard',
        })
  return pino({ level, base: null, ...(format === 'json' && JSON_OPTIONS) }, stream)
}
