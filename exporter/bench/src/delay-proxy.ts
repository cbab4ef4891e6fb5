import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface DelayProxy {
  readonly port: number
  /** How often a request followed a reply, on all connections: round trips, however long each took. */
  readonly turns: number
  close(): void
}

/**
 * Listens on a port of 127.0.0.1 and passes every byte on to another, half of `roundTripMs` later in each direction.
 * A connect costs a round trip of its own, as over a network: the first bytes wait for it.
 */
export async function startDelayProxy(targetPort: number, roundTripMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  let turns = 0
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const greetedAt = performance.now() + roundTripMs
    let answered = true
    const pass = (from: Socket, to: Socket, notBefore: number): void => {
      from.on('data', (chunk: Buffer) => {
        if (from === near && answered) turns++
        answered = from === far
        const wait = Math.max(roundTripMs / 2, notBefore + roundTripMs / 2 - performance.now())
        setTimeout(() => to.write(chunk), wait)
      })
      from.on('close', () => setTimeout(() => to.destroy(), roundTripMs / 2))
      from.on('error', () => undefined)
      sockets.add(from)
    }
    pass(near, far, greetedAt)
    pass(far, near, 0)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get turns() {
      return turns
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
