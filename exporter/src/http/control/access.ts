import type { IncomingMessage } from 'node:http'
import type { Actor } from '../../contract/actor.js'
import type { Scope } from '../../contract/tokens.js'
import type { GrafanaIds } from './grafana-id.js'
import { cleanName, Refusal } from './problem.js'
import type { Principal, TokenStore } from './tokens.js'

/** Anybody, where there is no tokens file. */
export const ANYBODY: Principal = {
  id: 'anybody',
  scopes: new Set<Scope>(['read']),
  delegated: false,
  entry: 'anybody',
}

/** Whoever asks for what needs no token. */
export const NOBODY: Principal = { ...ANYBODY, id: 'nobody', scopes: new Set(), entry: 'nobody' }

/**
 * Who makes this request.
 * @throws Refusal `unauthenticated`; `members.tokenId` is the id of an expired token
 */
export function authenticate(request: IncomingMessage, tokens: TokenStore | undefined): Principal {
  if (!tokens) return ANYBODY
  const { authorization } = request.headers
  if (authorization === undefined)
    throw new Refusal('unauthenticated', 'no token; send the header Authorization: Bearer <token>')
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (token === undefined)
    throw new Refusal(
      'unauthenticated',
      'the Authorization header is not understood; send Authorization: Bearer <token>',
    )
  const { principal, expired } = { expired: undefined, ...tokens.authenticate(token) }
  if (principal) return principal
  throw expired === undefined
    ? new Refusal('unauthenticated', 'the token is not known; make one with slotwise token new')
    : new Refusal(
        'unauthenticated',
        `the token ${expired} has expired; make a new one with slotwise token new`,
        {
          token: expired,
        },
      )
}

/** @throws Refusal names the scope that is missing */
export function mustHold(principal: Principal, scope: Scope): void {
  if (principal.scopes.has(scope)) return
  if (principal === ANYBODY)
    throw new Refusal(
      'read-only',
      'there is no tokens file, so everybody may read and nobody may write; make a token with ' +
        '`slotwise token new --file tokens.yml --id me --scopes read,plan,run,policy` and start serve with ' +
        '--control.tokens-file=tokens.yml',
    )
  throw new Refusal('missing-scope', `the token ${principal.id} lacks the scope ${scope}`, { scope })
}

export function maySee(principal: Principal, cluster: string | undefined): boolean {
  return !principal.clusters || (cluster !== undefined && principal.clusters.has(cluster))
}

/** Who did it, for the log: the token, whom a delegated token claims to act for, and what Grafana has signed of that. */
export async function actorOf(
  principal: Principal,
  { headers }: IncomingMessage,
  grafana: GrafanaIds | undefined,
): Promise<Actor> {
  const { id: token, delegated } = principal
  if (!delegated) return { token }
  const claimedUser = claimedLogin(headers['x-grafana-context'])
  return {
    token,
    ...(claimedUser !== undefined && { claimedUser }),
    ...(await grafana?.verify(headers['x-grafana-id'])),
  }
}

const LONGEST_CONTEXT = 8192

/** The login in Grafana's header; undefined when there is none. */
export function claimedLogin(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header.length > LONGEST_CONTEXT) return undefined
  let context: unknown
  try {
    // Node reads headers as latin1, Grafana writes UTF-8.
    context = JSON.parse(Buffer.from(header, 'latin1').toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof context !== 'object' || context === null) return undefined
  // Grafana's server writes its Go struct, hence Login; login is what the same user is called in its own API.
  const { Login, login = Login } = context as { Login?: unknown; login?: unknown }
  return typeof login === 'string' ? cleanName(login) : undefined
}

/** @throws Refusal for a request that a page of another origin makes */
export function refuseForeign(request: IncomingMessage, readOnly: boolean): void {
  const { origin, host = '' } = request.headers
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host.toLowerCase()))
    throw new Refusal('foreign-origin', 'this API answers no pages of another origin; call it without Origin')
  // A page may resolve its own name to this machine (DNS rebinding); where no token protects, the name must be ours.
  if (readOnly && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host))
    throw new Refusal(
      'foreign-host',
      'without a tokens file this API answers only under localhost or a loopback address',
    )
}
