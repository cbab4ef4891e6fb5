import { describe, expect, it } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { LogRegressed } from '../../src/events/log.js'
import { LOG, META } from '../../src/events/stores/redis-streams-keys.js'
import { startForwarder } from '../forwarder.js'
import { append, soon, untilRefused, useStreamsLogs } from '../streams-logs.js'

const logs = useStreamsLogs()

describe('a server that lost events', () => {
  const regressed = async (act: () => Promise<unknown>) => {
    const error = await untilRefused(act, /^log-regressed: redis:[^\n]+Nothing is appended[^\n]+$/)
    expect(error).toBeInstanceOf(LogRegressed)
    return error
  }

  it('is not used when a stale replica was promoted, until the events are back', async () => {
    const replica = await logs.start({ config: { replicaof: `127.0.0.1 ${logs.node.port}` } })
    const forwarder = await startForwarder(logs.node.port)
    const log = await logs.open({}, forwarder)
    const reader = await logs.open({}, forwarder)
    await append(log)
    await until(async () => (await replica.cli('XLEN', LOG)) === '1', { ...soon, what: 'the replica' })
    await replica.cli('REPLICAOF', 'NO', 'ONE')
    await append(log)
    const follower = reader.follow('', new AbortController().signal)[Symbol.asyncIterator]()
    expect([(await follower.next()).value, (await follower.next()).value]).toMatchObject([
      { streamversion: 1 },
      { streamversion: 2 },
    ])

    forwarder.to(replica.port)
    await regressed(() => follower.next())
    await regressed(() => append(log))
    await regressed(() => log.acquire('operation/1', 'me', 1000))
    await regressed(() => reader.read())
    // A process that starts now, and has seen nothing of it, is told by those that have.
    await regressed(() => logs.open({}, forwarder))
    expect(await replica.cli('XLEN', LOG)).toBe('1')

    forwarder.to(logs.node.port)
    const back = await until(() => append(log), { ...soon, what: 'the log to go on' })
    expect(back).toMatchObject([{ streamversion: 3 }])
    expect(await reader.verify()).toMatchObject({ ok: true, events: 3 })

    forwarder.to(replica.port)
    await regressed(() => append(log))
    await replica.cli('HDEL', META, 'regressed')
    expect(await append(await logs.open({}, forwarder))).toMatchObject([{ streamversion: 2 }])
    // This one goes on only when it is started again: what it knows is not there.
    await regressed(() => append(log))
    await forwarder.close()
    await replica.stop('SIGKILL')
  })

  it('is not used when it was emptied under the log, until somebody runs the line that it names', async () => {
    const log = await logs.open({ db: 3 })
    await append(log)
    await logs.node.cli('FLUSHALL')
    await regressed(() => append(log))
    const { message } = await regressed(() => logs.open({ db: 3 }))
    const named = /redis-cli (-u redis:.*) HDEL '(.*)' (regressed),/.exec(message)
    expect(named).not.toBeNull()
    const [, server, key, field] = named!
    expect(await logs.node.cli(...server!.split(' '), 'HDEL', key!, field!)).toBe('1')
    expect(await append(await logs.open({ db: 3 }))).toMatchObject([{ streamversion: 1 }])
    await expect(append(log)).rejects.toThrow('has another log than before')
  })

  it('says so to processes that know of it, where loss is allowed, and not to new ones', async () => {
    const log = await logs.open({ allowLoss: true })
    await append(log)
    await logs.node.cli('FLUSHALL')
    await expect(append(log)).rejects.toThrow('To go on with what is there, restart Slotwise')
    await append(await logs.open({ allowLoss: true }))
  })
})
