import bcrypt from 'bcryptjs'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { sendText } from './respond.js'

/** How a user's password is known: as it is, or as a bcrypt hash. */
export type Secret = { readonly password: string } | { readonly hash: string }

/** Answers that are remembered: bcrypt takes longer than a scrape, and Prometheus asks with the same password. */
const MOST_REMEMBERED = 100

/** Checks HTTP basic authentication. https://www.rfc-editor.org/rfc/rfc7617 */
export class BasicAuth {
  readonly #key = randomBytes(32)
  readonly #remembered = new Map<string, Promise<boolean>>()

  constructor(private readonly users: ReadonlyMap<string, Secret>) {}

  async allows({ headers }: IncomingMessage): Promise<boolean> {
    const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1]
    if (encoded === undefined) return false
    const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
    if (user === undefined || password === undefined) return false
    const key = this.#digest(encoded).toString('base64')
    let verdict = this.#remembered.get(key)
    if (!verdict) {
      verdict = this.#verify(user, password)
      this.#remembered.set(key, verdict)
      const [oldest] = this.#remembered.keys()
      if (this.#remembered.size > MOST_REMEMBERED) this.#remembered.delete(oldest!)
    }
    return verdict
  }

  async #verify(user: string, password: string): Promise<boolean> {
    const secret = this.users.get(user)
    if (!secret) return false
    if ('hash' in secret) return bcrypt.compare(password, secret.hash)
    return timingSafeEqual(this.#digest(password), this.#digest(secret.password))
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest()
  }
}

/** Lets only those pass who know a password; 401 to all others, on every path, as redis_exporter. */
export function guarded(listener: RequestListener, auth: BasicAuth | undefined): RequestListener {
  if (!auth) return listener
  return (request, response) => {
    auth
      .allows(request)
      .catch(() => false)
      .then((allowed) => {
        if (allowed) listener(request, response)
        else {
          const challenge = 'Basic realm="slotwise", charset="UTF-8"'
          sendText(response, 401, 'a user and a password are needed\n', { 'www-authenticate': challenge })
        }
      })
      .catch(() => response.destroy())
  }
}
