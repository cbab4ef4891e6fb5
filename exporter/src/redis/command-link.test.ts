import { createServer, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { CommandLink } from './command-link.js'
import type { Ownership } from './ownership.js'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A node that agrees to everything, and what it is told. */
async function node() {
  const seen: string[] = []
  const server = createServer((socket) =>
    socket.on('data', (data) => {
      const told = /SETNAME|PING/i.exec(data.toString())
      if (told) seen.push(told[0].toUpperCase())
      socket.write('+OK\r\n')
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  open.push(() => server.close())
  const link = (guard?: Ownership) => {
    const made = new CommandLink(
      { host: '127.0.0.1', port, tls: false },
      { clientName: 'slotwise/op/1', timeoutMs: 20_000, ...(guard && { guard }) },
    )
    open.push(() => made.close())
    return made
  }
  return { seen, link }
}

it('that writes for an operation is confirmed when it has its name, and before anything else is sent', async () => {
  const { seen, link } = await node()
  const guard = {
    mustOwn: () => void seen.push('write'),
    confirmOwn: () => Promise.resolve(void seen.push('confirm')),
  }
  const writing = link(guard)
  await writing.connect()
  await writing.call('PING')
  const reading = link()
  await reading.connect()
  await reading.claim('slotwise/op/1', guard)
  expect(seen).toEqual(['SETNAME', 'confirm', 'write', 'PING', 'SETNAME', 'write', 'SETNAME', 'confirm'])
})

it('is not used where another owns the operation by then', async () => {
  const { seen, link } = await node()
  const lost = new Error('another owns it')
  const late = link({ mustOwn: () => undefined, confirmOwn: () => Promise.reject(lost) })
  await expect(late.connect()).rejects.toThrow(lost)
  await expect(late.call('PING')).rejects.toThrow()
  const reading = link()
  await reading.connect()
  const mustOwn = () => {
    throw lost
  }
  await expect(
    reading.claim('slotwise/op/1', { mustOwn, confirmOwn: () => Promise.resolve() }),
  ).rejects.toThrow(lost)
  // Each its first name; the claimed one not even that of the operation.
  expect(seen).toEqual(['SETNAME', 'SETNAME'])
})

it.each([
  ['stays', 'write'],
  ['hangs up', 'end'],
] as const)('never shows a password that a proxy sends back and then %s', async (_, answer) => {
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .on('data', () => void socket[answer]('-ERR no upstream for AUTH me hunter2\r\n')),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const link = new CommandLink(
    { host: '127.0.0.1', port, tls: false, username: 'me', password: 'hunter2' },
    { clientName: 'slotwise/op/1', timeoutMs: 20_000 },
  )
  open.push(() => link.close())
  await expect(link.connect()).rejects.toMatchObject({
    message: expect.stringContaining('no upstream for AUTH me ***') as string,
    cause: expect.not.stringContaining('hunter2') as string,
  })
})
