/** Who may use the preview host: whoever has the key that `npm start` printed, from its own pages. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Role } from './manifest.js'

export interface Session {
  role: Role
}

export type Admission =
  | { kind: 'session'; session: Session }
  /** The right key: a cookie is to be set, and the address is to be left without the key. */
  | { kind: 'entered'; cookie: string; location: string }
  | { kind: 'refused'; status: 401 | 403; reason: string }

export interface Call {
  method: string
  /** With the query, as it came. */
  target: string
  headers: IncomingHttpHeaders
}

const SAFE_METHODS = ['GET', 'HEAD']

export class Access {
  private readonly sessions = new Map<string, Session>()
  private readonly cookieName: string
  private readonly hosts: readonly string[]

  constructor(
    private readonly key: string,
    port: number,
  ) {
    this.cookieName = `slotwise_preview_${port}`
    this.hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  }

  admit({ method, target, headers }: Call): Admission {
    const foreign = this.foreign(method, headers)
    if (foreign !== undefined) return { kind: 'refused', status: 403, reason: foreign }
    const session = this.sessionOf(headers)
    const url = new URL(target, 'http://host')
    const offered = url.searchParams.get('key')
    if (offered !== null && SAFE_METHODS.includes(method) && !url.pathname.startsWith('/api/')) {
      if (!sameText(offered, this.key)) return { kind: 'refused', status: 401, reason: 'that is not the key' }
      url.searchParams.delete('key')
      const location = `${url.pathname}${url.search}`
      return { kind: 'entered', cookie: this.enter(headers), location }
    }
    if (session) return { kind: 'session', session }
    return { kind: 'refused', status: 401, reason: 'the key is missing' }
  }

  /** Why this request is none of our own pages', or undefined. */
  private foreign(method: string, headers: IncomingHttpHeaders): string | undefined {
    const { host = '', origin } = headers
    if (!this.hosts.includes(host)) return 'this host is reached as 127.0.0.1 or localhost only'
    if (origin !== undefined && origin !== `http://${host}`) return 'the request comes from another page'
    if (origin === undefined && !SAFE_METHODS.includes(method))
      return 'the request names no page that it comes from'
    const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
    const elsewhere = site === 'cross-site' || site === 'same-site'
    return elsewhere && mode !== 'navigate' ? 'the request comes from another page' : undefined
  }

  private sessionOf(headers: IncomingHttpHeaders): Session | undefined {
    const id = this.cookie(headers)
    return id === undefined ? undefined : this.sessions.get(id)
  }

  /** A browser that was in already stays who it is. */
  private enter(headers: IncomingHttpHeaders): string {
    const old = this.cookie(headers)
    const id = old !== undefined && this.sessions.has(old) ? old : randomBytes(32).toString('base64url')
    if (!this.sessions.has(id)) this.sessions.set(id, { role: 'Admin' })
    // Lax, since a link in a chat or a ticket on another site leads here: with Strict its redirect comes without the
    // cookie. Writes are kept to our own pages by their Origin, parts of foreign pages by Sec-Fetch.
    return `${this.cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`
  }

  private cookie({ cookie = '' }: IncomingHttpHeaders): string | undefined {
    const pairs = cookie.split(';').map((pair) => pair.trim().split('='))
    return pairs.find(([name]) => name === this.cookieName)?.[1]
  }
}

/** Takes the same time whatever differs. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
