import type { Server } from 'node:http'
import { sourceOf } from './source.js'

export interface ConnectionLimits {
  /** Connections at a time. */
  readonly all: number
  /** Of one source: no single one keeps out all others. */
  readonly ofOne: number
}

/** Closes connections beyond the limits as soon as they come. */
export function limitConnections(server: Server, { all, ofOne }: ConnectionLimits): void {
  server.maxConnections = all
  const open = new Map<string, number>()
  server.on('connection', (socket) => {
    const source = sourceOf(socket.remoteAddress)
    const count = open.get(source) ?? 0
    if (count >= ofOne) {
      socket.destroy()
      return
    }
    open.set(source, count + 1)
    socket.once('close', () => {
      const left = open.get(source)! - 1
      if (left === 0) open.delete(source)
      else open.set(source, left)
    })
  })
}
