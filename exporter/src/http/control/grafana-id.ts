import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Actor } from '../../contract/actor.js'
import { cleanName } from './problem.js'

export interface GrafanaIdOptions {
  /** Where Grafana has its public keys: `<root_url>api/signing-keys/keys`. */
  readonly jwksUrl: string
  /** Grafana's root_url, as it stands in `iss`; with or without a slash at its end. */
  readonly issuer: string
  /** `org:<id>`, as it stands in `aud`. */
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onWarning: (message: string) => void
  /** How soon keys are asked for again when a token names one that is not known, ms; 30,000 unless given. */
  readonly cooldownMs?: number
  /** How long Grafana may take to answer with its keys, ms; 3000 unless given. */
  readonly timeoutMs?: number
}

type Outcome = Pick<Actor, 'verifiedUser'> | Required<Pick<Actor, 'unverified'>>

/** What Grafana signs with, and nothing else. */
const ALGORITHMS = ['ES256']
const LONGEST_TOKEN = 8192
/** Between the clocks of Grafana and this machine. */
const TOLERANCE = '10s'
const KEYS_KEPT_MS = 600_000
const WARN_MS = 60_000

const HINTS: Readonly<Record<NonNullable<Actor['unverified']>, string>> = {
  malformed: 'it is no signed token',
  signature: 'no key of --control.grafana-jwks-url has signed it',
  expired: 'it has expired; do the clocks agree?',
  issuer: 'it comes from another issuer than --control.grafana-issuer',
  audience: 'it is for another organisation than --control.grafana-audience',
  'no-keys': 'the keys of --control.grafana-jwks-url could not be read',
}

/**
 * Checks the identity that Grafana forwards (`X-Grafana-Id`, with `id_forwarding`): a JWT for ten minutes, signed with
 * ES256. Nothing is permitted or refused by it: it is evidence of who acted. Keys are kept for ten minutes.
 */
export class GrafanaIds {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>
  readonly #failures = new Map<string, { count: number; warnedAt: number }>()

  constructor(private readonly options: GrafanaIdOptions) {
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      timeoutDuration: options.timeoutMs ?? 3000,
      cooldownDuration: options.cooldownMs ?? 30_000,
      cacheMaxAge: KEYS_KEPT_MS,
    })
  }

  /** Who it says that the user is, or why that is not believed. */
  async verify(token: string | string[] | undefined): Promise<Outcome | undefined> {
    if (token === undefined) return undefined
    const { audience, clock } = this.options
    const issuer = this.options.issuer.replace(/\/$/, '')
    try {
      if (typeof token !== 'string' || token.length > LONGEST_TOKEN) throw new errors.JWTInvalid()
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: [issuer, `${issuer}/`],
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: TOLERANCE,
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(clock()),
      })
      return { verifiedUser: userOf(payload) }
    } catch (error) {
      const unverified = reasonOf(error)
      this.#count(unverified)
      return { unverified }
    }
  }

  /** One line a reason and minute: whoever sends rubbish does not fill the log. */
  #count(reason: NonNullable<Actor['unverified']>): void {
    const known = this.#failures.get(reason) ?? { count: 0, warnedAt: -Infinity }
    known.count++
    this.#failures.set(reason, known)
    const now = this.options.clock()
    if (now - known.warnedAt < WARN_MS) return
    const times = known.count === 1 ? 'once' : `${known.count} times`
    this.options.onWarning(`X-Grafana-Id was not verified (${reason}, ${times}): ${HINTS[reason]}`)
    Object.assign(known, { count: 0, warnedAt: now })
  }
}

/** `alice (user:17)`; the subject alone where Grafana names no login. */
function userOf({ sub = '', username }: JWTPayload): string {
  const subject = cleanName(sub) ?? '(no subject)'
  const login = typeof username === 'string' ? cleanName(username) : undefined
  return login === undefined ? subject : `${login} (${subject})`
}

function reasonOf(error: unknown): NonNullable<Actor['unverified']> {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'issuer'
    if (error.claim === 'aud') return 'audience'
    return error.claim === 'nbf' ? 'expired' : 'malformed'
  }
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSEAlgNotAllowed
  )
    return 'signature'
  if (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSENotSupported
  )
    return 'malformed'
  return 'no-keys'
}
