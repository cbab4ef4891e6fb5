import { createServer, type Server } from 'node:http'
import { controlApp } from './app.js'
import type { ControlOptions } from './context.js'

/** Why the control API cannot listen and what to do. */
export class ControlListenError extends Error {
  override readonly name = 'ControlListenError'
}

export interface ControlServer {
  readonly url: string
  /** Ends event streams, waits for requests under way up to 5 s, appends what was counted. */
  close(): Promise<void>
}

/** For requests under way when it closes. */
const GRACE_MS = 5000

/**
 * Starts the control API.
 * @param address host:port; without tokens only a loopback address
 * @throws ControlListenError
 */
export async function startControl(
  options: ControlOptions & { readonly address: string },
): Promise<ControlServer> {
  const { address, tokens } = options
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
  if (!tokens && !isLoopback(host))
    throw new ControlListenError(
      `--control.listen-address ${address}: without tokens the API answers everybody, so it listens on loopback only; ` +
        'make a tokens file (slotwise token new) and name it with --control.tokens-file, or use 127.0.0.1',
    )
  const app = controlApp(options)
  const server = createServer(
    { keepAliveTimeout: 75_000, headersTimeout: 10_000, requestTimeout: 30_000 },
    app.handler,
  )
  await listen(server, host, Number(address.slice(colon + 1)), address)
  return {
    url: urlOf(server),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await app.close()
      server.closeIdleConnections()
      const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearTimeout(grace)
    },
  }
}

function listen(server: Server, host: string, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ControlListenError(listenProblem(error, address))),
    )
    server.listen({ port, ...(host !== '' && { host }) }, resolve)
  })
}

function listenProblem({ code, message }: NodeJS.ErrnoException, address: string): string {
  const flag = `--control.listen-address ${address}`
  if (code === 'EADDRINUSE') return `${flag}: the port is taken by another process; choose another`
  if (code === 'EACCES') return `${flag}: no permission for this port; choose one above 1023`
  return `${flag}: ${message}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as { address: string; port: number }
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}
