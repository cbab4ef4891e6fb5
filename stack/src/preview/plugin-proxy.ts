import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as requestTls } from 'node:https'
import type { PreviewUser } from './users.js'

/** Headers of one connection, which no proxy passes on. */
const HOP_BY_HOP = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]

/** What Grafana keeps from the upstream besides: who called, from where, with what rights. */
const STRIPPED = [
  ...['host', 'cookie', 'set-cookie', 'origin', 'referer', 'authorization'],
  ...['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'],
]

/** How long the upstream may take until it begins to answer, ms. */
export const UPSTREAM_TIMEOUT_MS = 30_000

export interface Upstream {
  url: URL
  /** The route's own headers; they win. */
  headers: readonly (readonly [name: string, value: string])[]
  user: PreviewUser
  timeoutMs?: number
}

/**
 * Sends a request on and its answer back, streams as they come. 502 when the upstream is not there, 504 when it does
 * not begin to answer in time; a caller who leaves ends the request to the upstream.
 */
export function forward(incoming: IncomingMessage, response: ServerResponse, upstream: Upstream): void {
  const { url, timeoutMs = UPSTREAM_TIMEOUT_MS } = upstream
  const send = url.protocol === 'https:' ? requestTls : request
  const outgoing = send(url, {
    method: incoming.method ?? 'GET',
    headers: requestHeaders(incoming, upstream),
    agent: false,
  })
  const fail = (status: 502 | 504): void => {
    outgoing.destroy()
    if (response.headersSent) response.destroy()
    else response.writeHead(status).end()
  }
  const timer = setTimeout(() => fail(504), timeoutMs)
  response.on('close', () => {
    clearTimeout(timer)
    outgoing.destroy()
  })
  outgoing.on('error', () => {
    clearTimeout(timer)
    if (!response.writableEnded) fail(502)
  })
  outgoing.on('response', (answer) => {
    clearTimeout(timer)
    response.writeHead(answer.statusCode ?? 502, responseHeaders(answer.headers))
    response.flushHeaders()
    answer.on('error', () => response.destroy())
    answer.on('aborted', () => response.destroy())
    answer.pipe(response)
  })
  incoming.pipe(outgoing)
}

/** The caller's headers without what is private to it, then Grafana's about the user, then the route's. */
export function requestHeaders(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  { user, headers: own }: Pick<Upstream, 'user' | 'headers'>,
): Record<string, string | string[]> {
  const dropped = new Set([...HOP_BY_HOP, ...STRIPPED, ...connectionHeaders(headers)])
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !dropped.has(entry[0]) && !entry[0].startsWith('x-grafana-'),
  )
  const from = [headers['x-forwarded-for'] ?? [], socket.remoteAddress ?? []].flat().join(', ')
  return {
    ...Object.fromEntries(kept),
    'x-forwarded-for': from,
    'x-grafana-context': JSON.stringify(grafanaContext(user)),
    ...Object.fromEntries(own),
  }
}

/** Without cookies, and harmless if somebody opens it as a page. */
export function responseHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const dropped = new Set([...HOP_BY_HOP, 'set-cookie', ...connectionHeaders(headers)])
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined && !dropped.has(entry[0]),
  )
  return { ...Object.fromEntries(kept), 'content-security-policy': 'sandbox' }
}

function connectionHeaders({ connection }: IncomingHttpHeaders): string[] {
  return (connection ?? '').split(',').map((name) => name.trim().toLowerCase())
}

/** The user as Grafana's server writes it: its Go struct has no JSON names, so they are capitalised. */
function grafanaContext({ id, login, name, email, role }: PreviewUser): Record<string, unknown> {
  return {
    UserID: id,
    OrgID: 1,
    OrgName: 'Main Org.',
    OrgRole: role,
    Login: login,
    Name: name,
    Email: email,
    IsGrafanaAdmin: false,
    IsAnonymous: false,
  }
}
