import { createServer, request, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { limitConnections } from './connections.js'

let server: Server
let port: number
/** Requests that are not answered yet. */
let asked: ServerResponse[]
let sockets: Socket[]
beforeEach(async () => {
  asked = []
  sockets = []
  server = createServer((_, response) => asked.push(response))
  limitConnections(server, { all: 20, ofOne: 10 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ;({ port } = server.address() as AddressInfo)
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ended = () => sockets.filter(({ destroyed }) => destroyed).length
async function open(source: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: source })
  socket.on('error', () => undefined)
  sockets.push(socket)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
/** Asks, and resolves when the server has the request; rejects when it closed the connection. */
async function ask(source: string): Promise<void> {
  const before = asked.length
  let failed: Error | undefined
  const sent = request({ port, host: '127.0.0.1', localAddress: source, agent: false })
  sent.on('error', (error) => (failed = error)).end()
  await until(() => asked.length > before || failed !== undefined, { what: 'the request', timeoutMs: 20_000 })
  if (failed) throw failed
}
const closed = (count: number) =>
  until(() => ended() === count, { what: `${count} connections to be closed`, timeoutMs: 20_000 })

it('closes the oldest idle ones of a source that has more than its share', async () => {
  for (let i = 0; i < 15; i++) await open('127.0.0.2')
  await closed(5)
  expect(sockets.map(({ destroyed }) => destroyed).indexOf(false)).toBe(5)
  await ask('127.0.0.2')
  await ask('127.0.0.3')
  await closed(6)
})

it('takes from the greediest where all are taken, and closes nothing that is being answered', async () => {
  for (let i = 0; i < 10; i++) await ask('127.0.0.2')
  await expect(ask('127.0.0.2')).rejects.toThrow()
  for (let i = 0; i < 4; i++) await open('127.0.0.3')
  for (let i = 0; i < 6; i++) await open('127.0.0.4')
  expect(ended()).toBe(0)
  // Of the greediest all are being answered; then the oldest idle one goes.
  await open('127.0.0.5')
  await closed(1)
  expect(sockets[0]!.destroyed).toBe(true)
  expect(asked.every(({ destroyed }) => !destroyed)).toBe(true)
})

it('forgets what was closed', async () => {
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 10; i++) await open('127.0.0.2')
    for (const socket of sockets.splice(0)) socket.destroy()
    await until(
      () => new Promise<boolean>((resolve) => server.getConnections((_, count) => resolve(count === 0))),
      { what: 'all to be closed', timeoutMs: 20_000 },
    )
  }
  await ask('127.0.0.2')
})
