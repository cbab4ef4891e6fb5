import bcrypt from 'bcryptjs'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendText } from './respond.js'

/** How a user's password is known: as it is, or as a bcrypt hash. */
export type Secret = { readonly password: string } | { readonly hash: string }

/** `busy`: too many passwords are being looked at to look at this one. */
export type Verdict = 'right' | 'wrong' | 'busy'

/** Passwords that are looked at or wait for it, at most: of all, and of one address, which so cannot fill the queue. */
const MOST_WAITING = 8
const MOST_OF_ONE = 2

/** bcrypt runs where scrapes are answered: after a wrong password it rests so many times as long as it took. */
const REST = 4

interface Waiting {
  readonly source: string | undefined
  readonly verdict: Promise<Verdict>
}

/** Checks HTTP basic authentication. https://www.rfc-editor.org/rfc/rfc7617 */
export class BasicAuth {
  readonly #key = randomBytes(32)
  /** The password that was last right, by user: bcrypt takes longer than a scrape, and Prometheus sends the same. */
  readonly #right = new Map<string, Buffer>()
  readonly #waiting = new Map<string, Waiting>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly users: ReadonlyMap<string, Secret>,
    private readonly compare: (password: string, hash: string) => Promise<boolean> = bcrypt.compare,
  ) {}

  /** @param source the address that asks */
  async allows(authorization = '', source?: string): Promise<Verdict> {
    const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1]
    if (encoded === undefined) return 'wrong'
    const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
    if (user === undefined || password === undefined) return 'wrong'
    const secret = this.users.get(user)
    const given = this.#digest(password)
    if (secret && 'password' in secret)
      return timingSafeEqual(given, this.#digest(secret.password)) ? 'right' : 'wrong'
    const known = this.#right.get(user)
    if (known && timingSafeEqual(given, known)) return 'right'
    const key = this.#digest(encoded).toString('base64')
    return this.#waiting.get(key)?.verdict ?? this.#queue(key, source, user, password)
  }

  #queue(
    key: string,
    source: string | undefined,
    user: string,
    password: string,
  ): Promise<Verdict> | Verdict {
    const ofOne = [...this.#waiting.values()].filter((other) => other.source === source)
    if (this.#waiting.size >= MOST_WAITING || ofOne.length >= MOST_OF_ONE) return 'busy'
    const looked = this.#last.then(async () => {
      const started = performance.now()
      const verdict = await this.#verify(user, password)
      return { verdict, restMs: verdict === 'right' ? 0 : REST * (performance.now() - started) }
    })
    this.#last = looked.then(({ restMs }) => sleep(restMs, undefined, { ref: false })).catch(() => undefined)
    const verdict = looked.then(({ verdict }) => verdict).finally(() => this.#waiting.delete(key))
    this.#waiting.set(key, { source, verdict })
    return verdict
  }

  /** A user that there is not takes as long as one that there is. */
  async #verify(user: string, password: string): Promise<Verdict> {
    const secret = this.users.get(user)
    const hash = [secret, ...this.users.values()].find((other) => other && 'hash' in other)
    if (!hash || !('hash' in hash)) return 'wrong'
    const same = await this.compare(password, hash.hash)
    if (!same || hash !== secret) return 'wrong'
    this.#right.set(user, this.#digest(password))
    return 'right'
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
      .allows(request.headers.authorization, request.socket.remoteAddress)
      .catch((): Verdict => 'wrong')
      .then((verdict) => {
        if (verdict === 'right') listener(request, response)
        else if (verdict === 'busy') {
          const why = 'too many passwords are being checked at the moment; try again\n'
          sendText(response, 429, why, { 'retry-after': '5' })
        } else {
          const challenge = 'Basic realm="slotwise", charset="UTF-8"'
          sendText(response, 401, 'a user and a password are needed\n', { 'www-authenticate': challenge })
        }
      })
      .catch(() => response.destroy())
  }
}
