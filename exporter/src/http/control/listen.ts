import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import { Server as TlsServer } from 'node:https'
import { limitConnections, PATIENCE, type ConnectionLimits } from '../connections.js'
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

const OPTIONS: ServerOptions = { ...PATIENCE, keepAliveTimeout: 75_000 }
const CONNECTIONS: ConnectionLimits = { all: 1000, ofOne: 500 }
/** For whoever reads nothing of its answer. */
const STALLED_MS = 60_000

export interface ListenOptions extends ControlOptions {
  /** host:port; without tokens only a loopback address */
  readonly address: string
  /** Makes the server, where it is not plain HTTP. */
  readonly serverOf?: ((options: ServerOptions, handler: RequestListener) => Server) | undefined
  /** How long a connection may take nothing of what is sent to it; a minute unless given. */
  readonly stalledMs?: number
}

/**
 * Starts the control API.
 * @throws ControlListenError
 */
export async function startControl(options: ListenOptions): Promise<ControlServer> {
  const { address, tokens, serverOf = createServer, stalledMs = STALLED_MS } = options
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
  if (!tokens && !isLoopback(host))
    throw new ControlListenError(
      `--control.listen-address ${address}: without tokens the API answers everybody, so it listens on loopback only; ` +
        'make a tokens file (slotwise token new) and name it with --control.tokens-file, or use 127.0.0.1',
    )
  const app = controlApp(options)
  const server = serverOf(OPTIONS, app.handler)
  limitConnections(server, CONNECTIONS)
  // A verification may take longer than this before it begins to answer.
  server.setTimeout(stalledMs, (socket: IncomingMessage['socket']) => {
    if (socket.writableLength > 0 || !app.answers(socket)) socket.destroy()
  })
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
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`
}
