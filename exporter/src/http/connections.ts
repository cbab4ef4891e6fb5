import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { sourceOf } from './source.js'

type Socket = IncomingMessage['socket']

/** For both listeners: who sends slowly, or opens connections without end, holds up nobody else. */
export const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
} as const satisfies ServerOptions

export interface ConnectionLimits {
  /** Connections at a time. */
  readonly all: number
  /** Of one source. */
  readonly ofOne: number
}

interface Open {
  readonly socket: Socket
  readonly source: string
  /** Requests that are being answered. */
  busy: number
}

/**
 * Keeps to the limits by closing the oldest connection on which nothing is being answered: of the same source, or of
 * the one that has most. So whoever opens connections without end, and sends slowly or nothing, keeps nobody out; a new
 * one is closed only where all others are being answered.
 */
export function limitConnections(server: Server, { all, ofOne }: ConnectionLimits): void {
  /** Oldest first. */
  const open = new Map<string, Open>()
  const counts = new Map<string, number>()
  const close = (name: string, one: Open) => {
    if (open.get(name) !== one) return
    open.delete(name)
    const { socket, source } = one
    const left = counts.get(source)! - 1
    if (left === 0) counts.delete(source)
    else counts.set(source, left)
    socket.destroy()
  }
  const makeRoom = (source?: string): boolean => {
    for (const [name, one] of open) {
      if (one.busy > 0 || (source !== undefined && one.source !== source)) continue
      close(name, one)
      return true
    }
    return false
  }
  server.on('connection', (socket) => {
    // It was closed on the other side before anybody looked.
    if (socket.remotePort === undefined) {
      socket.destroy()
      return
    }
    const name = nameOf(socket)
    const before = open.get(name)
    if (before) close(name, before)
    const source = sourceOf(socket.remoteAddress)
    const hasRoom =
      (counts.get(source) ?? 0) >= ofOne
        ? makeRoom(source)
        : open.size < all || makeRoom(greediest(counts)) || makeRoom()
    if (!hasRoom) {
      socket.destroy()
      return
    }
    const one = { socket, source, busy: 0 }
    open.set(name, one)
    counts.set(source, (counts.get(source) ?? 0) + 1)
    socket.once('close', () => close(name, one))
  })
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const one = open.get(nameOf(socket))
    if (!one) return
    one.busy++
    response.once('close', () => one.busy--)
  })
}

/** The same for a connection and for the TLS in it. */
function nameOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function greediest(counts: ReadonlyMap<string, number>): string {
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0]
}
