import { createServer } from 'node:net'

/** A cluster node's bus listens this far above its port. */
export const BUS_OFFSET = 10_000

/** Systems take ports for outgoing connections from here on: one that listens may find its port taken at any time. */
export const FIRST_OUTGOING = 32_768

/** Below that range, with their bus ports. */
const FIRST = 11_000
const LAST = 20_999

const handedOut = new Set<number>()

/**
 * Finds ports on 127.0.0.1 that nothing listens on. The same port is never given twice by one process.
 * @param options.bus each port's cluster-bus port (port + 10000) is free too
 * @param options.inARow the ports follow each other
 */
export async function freePorts(
  count: number,
  options: { bus?: boolean; inARow?: boolean } = {},
): Promise<number[]> {
  const row = options.inARow ? count : 1
  const ports: number[] = []
  while (ports.length < count) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST + 2 - row))
    const found = Array.from({ length: row }, (_, index) => first + index)
    const needed = options.bus ? [...found, ...found.map((port) => port + BUS_OFFSET)] : found
    if (needed.some((port) => handedOut.has(port))) continue
    const free = await Promise.all(needed.map(isPortFree))
    if (!free.every(Boolean)) continue
    for (const port of needed) handedOut.add(port)
    ports.push(...found)
  }
  return ports
}

/** Whether a server could listen on this port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(new Error(`cannot listen on 127.0.0.1:${port}: ${error.message}`, { cause: error }))
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
