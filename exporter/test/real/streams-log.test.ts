import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, evaluate } from '../../src/events/stores/redis-streams-link.js'
import { unguarded } from '../../src/events/stores/redis-streams-scripts.js'
import { openStreamsLog } from '../../src/events/stores/redis-streams.js'
import { describeLogKeeping } from '../event-log-keeping-suite.js'
import { describeEventLog } from '../event-log-suite.js'
import { failover } from '../event-log/under-test.js'
import {
  makeDocumentedUser,
  newStreamsLog,
  optionsFor,
  startStreamsServer,
  STREAMS_ENGINES,
  type StreamsServerUnderTest,
} from '../streams-server.js'

describe.each(STREAMS_ENGINES)('a log in streams of %s', (_, server) => {
  let under: StreamsServerUnderTest
  beforeAll(async () => {
    under = await startStreamsServer({ server })
  })
  afterAll(() => under.remove())

  describeEventLog('behaves as every log', () => newStreamsLog(under.node))
  describeLogKeeping('keeps as every log', () => newStreamsLog(under.node))

  it('takes more arguments in one go than the stack holds, as large appends have them', async () => {
    const link = await connect(optionsFor(under.node))
    const args = Array.from({ length: 200_000 }, String)
    expect(await evaluate(link, unguarded('return #ARGV'), [], args)).toBe(args.length)
    link.close()
  })

  it('may be used by the user of docs/security.md', async () => {
    const { node } = under
    await node.cli('FLUSHALL')
    await makeDocumentedUser(node)
    const options = optionsFor(node)
    const endpoint = { ...options.endpoint, username: 'slotwise-log', password: 'PASSWORD' }
    const log = await openStreamsLog({ ...options, endpoint })
    const stop = new AbortController()
    const follower = log.follow('', stop.signal)[Symbol.asyncIterator]()
    const fence = await log.acquire('operation/1', 'me', 60_000)
    const [event] = await log.append([{ stream: 'cluster/a', events: [failover(1)] }], fence)
    expect((await follower.next()).value).toEqual(event)
    await log.digest()
    await log.saveSnapshot('health', 1, { position: event!.position, state: {} })
    expect(await log.loadSnapshot('health', 1)).toEqual({ position: event!.position, state: {} })
    expect((await log.trim('9999-01-01T00:00:00Z')).events).toBe(1)
    await log.release(fence)
    expect(await log.leases()).toEqual([])
    expect((await log.stats()).bytes).toBeGreaterThan(0)
    expect(await log.verify()).toMatchObject({ ok: true, events: 2 })
    stop.abort()
    await log.close()
    expect(await node.cli('ACL', 'LOG')).toBe('')
  })
})
