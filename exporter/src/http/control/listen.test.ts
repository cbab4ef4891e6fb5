import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { until } from '../../../../stack/src/until.js'
import { controlOptions } from '../../../test/fakes.js'
import { MemoryLog } from '../../../test/memory-log.js'
import type { ControlOptions } from './context.js'
import type { StoredEvent } from '../../contract/events.js'
import { ControlListenError, startControl, type ListenOptions } from './listen.js'

const start = (address: string, more: Partial<ControlOptions> = {}, listen: Partial<ListenOptions> = {}) =>
  startControl({ ...controlOptions(more), address, ...listen })

describe('startControl', () => {
  it.each(['0.0.0.0:0', ':0', '[::]:0', '10.0.0.1:0', 'example.com:0'])(
    'does not listen on %s without tokens',
    async (address) => {
      await expect(start(address)).rejects.toThrow(ControlListenError)
      await expect(start(address)).rejects.toThrow(/--control\.tokens-file, or use 127\.0\.0\.1/)
    },
  )

  it('says which flag moves it from a taken port', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    await expect(start(`127.0.0.1:${port}`)).rejects.toThrow(
      `--control.listen-address 127.0.0.1:${port}: the port is taken by another process; choose another`,
    )
    taken.close()
  })

  it('answers, and closes with a stream open and with refused requests in the log', async () => {
    const log = new MemoryLog()
    const control = await start('127.0.0.1:0', { log })
    expect((await fetch(`${control.url}/api/v1/clusters`)).status).toBe(200)
    expect((await fetch(`${control.url}/api/v1/freeze`, { method: 'PUT' })).status).toBe(403)
    const stream = await new Promise<IncomingMessage>((resolve) =>
      get(`${control.url}/api/v1/events/stream`, { agent: false }, resolve),
    )
    const ended = new Promise((resolve) => stream.resume().once('end', resolve))
    await control.close()
    await ended
    expect(await log.readStream('access/test')).toMatchObject([{ data: { status: 403, count: 1 } }])
    await expect(fetch(control.url)).rejects.toThrow()
  })

  it('ends what takes nothing of its answer, and waits for an answer that is still made', async () => {
    let ended = false
    class Endless extends MemoryLog {
      override async *follow(): AsyncGenerator<StoredEvent> {
        const data = { shard: 'x'.repeat(64 * 1024), from: 'a', to: 'b' }
        const [event] = await this.append([
          { stream: 'cluster/demo', events: [{ type: 'cluster.failover', data }] },
        ])
        try {
          for (;;) yield event!
        } finally {
          ended = true
        }
      }
      override async verifyAll(anchors: readonly (string | undefined)[]) {
        // Until the stalled one is gone: longer than any connection may be silent.
        await until(() => ended, { what: 'the stalled stream to end', timeoutMs: 30_000 })
        return super.verifyAll(anchors)
      }
    }
    const control = await start('127.0.0.1:0', { log: new Endless() }, { stalledMs: 300 })
    const patient = fetch(`${control.url}/api/v1/events/verify`)
    const stalled = await new Promise<IncomingMessage>((resolve) =>
      get(`${control.url}/api/v1/events/stream`, { agent: false }, resolve),
    )
    stalled.pause().on('error', () => undefined)
    expect((await patient).status).toBe(200)
    stalled.destroy()
    await control.close()
  })
})
