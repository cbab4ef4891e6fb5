import { afterAll, beforeAll, describe } from 'vitest'
import type { NodeOptions } from '../../../stack/src/redis-node.js'
import { describeLogKeeping } from '../event-log-keeping-suite.js'
import { describeEventLog } from '../event-log-suite.js'
import { newStreamsLog, startStreamsServer, type StreamsServerUnderTest } from '../streams-server.js'

const engines: [name: string, server: NonNullable<NodeOptions['server']>][] = [
  ['Redis 7.0', 'redis-server'],
  ['Redis 8', 'redis8-server'],
  ['Valkey 9', 'valkey9-server'],
]

describe.each(engines)('a log in streams of %s', (_, server) => {
  let under: StreamsServerUnderTest
  beforeAll(async () => {
    under = await startStreamsServer({ server })
  })
  afterAll(() => under.remove())

  describeEventLog('behaves as every log', () => newStreamsLog(under.node))
  describeLogKeeping('keeps as every log', () => newStreamsLog(under.node))
})
