import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** An address on 127.0.0.1 that leads to one server and later to another, as a name does when a replica is promoted. */
export interface Forwarder {
  readonly address: string
  /** Ends what is connected; whoever connects then gets to this port. */
  to(port: number): void
  close(): Promise<void>
}

export async function startForwarder(port: number): Promise<Forwarder> {
  let target = port
  const sockets = new Set<Socket>()
  const server = createServer((from) => {
    const onward = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [from, onward],
      [onward, from],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => sockets.forEach((socket) => socket.destroy())
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    to(next) {
      target = next
      cut()
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
  }
}
