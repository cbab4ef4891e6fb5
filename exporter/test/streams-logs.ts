import { afterAll, afterEach, beforeAll } from 'vitest'
import type { RedisNode } from '../../stack/src/redis-node.js'
import { until } from '../../stack/src/until.js'
import type { StoredEvent } from '../src/contract/events.js'
import type { EventLog } from '../src/events/log.js'
import { openStreamsLog, type StreamsLogOptions } from '../src/events/stores/redis-streams.js'
import { failover } from './event-log/under-test.js'
import { optionsFor, startStreamsServer, type StreamsServerUnderTest } from './streams-server.js'

/** A server for the tests of one file, and the logs that a test opens. */
export interface StreamsLogs extends Pick<StreamsServerUnderTest, 'node' | 'start'> {
  /** A log on that server or on another. */
  open(more?: Partial<StreamsLogOptions>, at?: Pick<RedisNode, 'address'>): Promise<EventLog>
  /** Closes what was opened; every test does so at its end. */
  close(): Promise<void>
}

/** Starts a server before the tests of the file that calls this; each test finds it empty. */
export function useStreamsLogs(): StreamsLogs {
  let server: StreamsServerUnderTest
  const opened: EventLog[] = []
  const close = async () => {
    for (const log of opened.splice(0)) await log.close()
  }
  beforeAll(async () => {
    server = await startStreamsServer()
  })
  afterEach(async () => {
    await close()
    await server.node.cli('FLUSHALL')
  })
  afterAll(() => server.remove())
  return {
    get node() {
      return server.node
    },
    start: (options) => server.start(options),
    async open(more = {}, at = server.node) {
      const log = await openStreamsLog({ ...optionsFor(at), ...more })
      opened.push(log)
      return log
    },
    close,
  }
}

/** For `until`. */
export const soon = { timeoutMs: 30_000 }

/** Tries until it fails with this message: the connection may have to break first. */
export const untilRefused = (act: () => Promise<unknown>, message: RegExp): Promise<Error> =>
  until(
    () =>
      act().then(
        () => undefined,
        (error: unknown) => (message.test((error as Error).message) ? (error as Error) : undefined),
      ),
    { ...soon, what: String(message) },
  )

export const append = (log: EventLog, stream = 'cluster/a'): Promise<StoredEvent[]> =>
  log.append([{ stream, events: [failover(1)] }])
