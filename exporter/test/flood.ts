import { connect } from 'node:net'
import { makeToken } from '../src/http/control/tokens.js'

export interface Flood {
  readonly count: number
  /** Address that they come from, on this machine. */
  readonly localAddress?: string
  /** Instead of a new token with each. */
  readonly tokenOf?: (i: number) => string
}

/** Asks for /whoami over one connection, each time with another bad token, as fast as it is answered; the statuses. */
export function flood(port: number, { count, localAddress, tokenOf }: Flood): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...(localAddress !== undefined && { localAddress }) })
    const seen: string[] = []
    const ask = () => {
      const token = tokenOf?.(seen.length) ?? makeToken().token
      socket.write(`GET /api/v1/whoami HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`)
    }
    let rest = ''
    socket.setEncoding('latin1').on('error', reject)
    socket.on('close', () => reject(new Error(`closed after ${seen.length} answers`)))
    socket.on('data', (chunk) => {
      rest += chunk.toString()
      const [head, status] = /^HTTP\/1\.1 (\d+) [^]*?\r\n\r\n/.exec(rest) ?? []
      const length = /^content-length: (\d+)/im.exec(head ?? '')?.[1]
      if (head === undefined || rest.length < head.length + Number(length)) return
      rest = ''
      seen.push(status!)
      if (seen.length < count) ask()
      else {
        resolve(seen)
        socket.destroy()
      }
    })
    ask()
  })
}
