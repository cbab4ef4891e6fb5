import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { controlOptions } from '../../../test/fakes.js'
import { MemoryLog } from '../../../test/memory-log.js'
import type { ControlOptions } from './context.js'
import { ControlListenError, startControl } from './listen.js'

const start = (address: string, more: Partial<ControlOptions> = {}) =>
  startControl({ ...controlOptions(more), address })

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
})
