import { statSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../config/config.js'
import { isBcryptHash, type TlsVersion } from '../config/web-config.js'
import { readText } from './secrets.js'

const VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const

/** Go's names, and whom to refuse; RequireAnyClientCert checks them, too: Node cannot ask for one and not look at it. */
const REFUSED = {
  NoClientCert: 'nobody',
  RequestClientCert: 'nobody',
  RequireAnyClientCert: 'without',
  VerifyClientCertIfGiven: 'wrong',
  RequireAndVerifyClientCert: 'without',
} as const
const CLIENT_AUTH = Object.keys(REFUSED) as (keyof typeof REFUSED)[]

/**
 * exporter-toolkit's file, as far as a listener of HTTP/1.1 has a use for it.
 * https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
const webFile = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string(),
      key_file: z.string(),
      client_ca_file: z.string().optional(),
      client_auth_type: z.enum(CLIENT_AUTH).optional(),
      min_version: z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']).optional(),
      max_version: z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']).optional(),
      cipher_suites: z.array(z.string()).optional(),
      curve_preferences: z.array(z.string()).optional(),
      prefer_server_cipher_suites: z.boolean().optional(),
    })
    .optional(),
  http_server_config: z.strictObject({ http2: z.boolean().optional() }).optional(),
  basic_auth_users: z
    .record(z.string(), z.string().refine(isBcryptHash, 'not a bcrypt hash ($2b$…)'))
    .optional(),
})

export interface Tls {
  readonly cert: string
  readonly key: string
  readonly clientCa?: string
  /** The file or the flags that name these, for errors. */
  readonly from: string
  /** Whether a client is asked for a certificate. */
  readonly ask: boolean
  /** Whom to refuse: whoever shows none that is good, whoever shows one that is not, or nobody. */
  readonly refuse: 'without' | 'wrong' | 'nobody'
  readonly minVersion: TlsVersion
}

export type WebFile = z.output<typeof webFile>

/** @throws ConfigError */
export function readWebFile(name: string, flag: string): WebFile {
  const text = readText(name, flag)
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message.split('\n')[0]}`)
  }
  const result = webFile.safeParse(content ?? {})
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new ConfigError(`${name}: ${z.core.toDotPath(issue!.path) || 'the file'}: ${issue!.message}`)
}

/**
 * Paths of the file are relative to it.
 * @throws ConfigError
 */
export function tlsOfFile(tls: NonNullable<WebFile['tls_server_config']>, name: string): Tls {
  const at = (path: string) => resolve(dirname(name), path)
  const auth =
    tls.client_auth_type ?? (tls.client_ca_file === undefined ? 'NoClientCert' : 'RequireAndVerifyClientCert')
  if (auth !== 'NoClientCert' && tls.client_ca_file === undefined)
    throw new ConfigError(
      `${name}: tls_server_config.client_ca_file: ${auth} needs it; without it every public CA would do`,
    )
  return {
    cert: at(tls.cert_file),
    key: at(tls.key_file),
    ...(tls.client_ca_file !== undefined && { clientCa: at(tls.client_ca_file) }),
    from: name,
    ask: auth !== 'NoClientCert',
    refuse: REFUSED[auth],
    minVersion: VERSIONS[tls.min_version ?? 'TLS12'],
  }
}

/**
 * A server whose certificate, when it is renewed, is taken up at the next connection.
 * @throws ConfigError
 */
export function tlsServer(tls: Tls, options: ServerOptions, handler: RequestListener): Server {
  const files = [tls.cert, tls.key, ...(tls.clientCa === undefined ? [] : [tls.clientCa])]
  const read = (): ServerOptions => ({
    cert: readText(tls.cert, tls.from),
    key: readText(tls.key, tls.from),
    ...(tls.clientCa !== undefined && { ca: readText(tls.clientCa, tls.from) }),
    minVersion: tls.minVersion,
  })
  const changed = () => files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join()
  let seen = changed()
  let server: Server
  try {
    server = createServer(
      { ...options, ...read(), requestCert: tls.ask, rejectUnauthorized: tls.refuse === 'without' },
      tls.refuse === 'wrong' ? refusingWrong(handler) : handler,
    )
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`${tls.from}: certificate or key: ${(error as Error).message}`)
  }
  server.prependListener('connection', () => {
    const now = changed()
    if (now === seen) return
    seen = now
    try {
      server.setSecureContext(read())
    } catch {
      // Written half, or wrong: the certificate from before goes on until the files change again.
    }
  })
  return server
}

/** What the socket of a request over TLS has besides. */
interface TlsSocket {
  readonly authorized: boolean
  getPeerCertificate(): object
}

/** Whoever shows a certificate must show one of the CA; Node itself asks that of everybody or of nobody. */
function refusingWrong(handler: RequestListener): RequestListener {
  return (request, response) => {
    const socket = request.socket as unknown as TlsSocket
    const shows = Object.keys(socket.getPeerCertificate()).length > 0
    if (!shows || socket.authorized) {
      handler(request, response)
      return
    }
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    response.end(
      'the client certificate is not good here: it is of another CA than client_ca_file, or it has expired; ' +
        'show a good one or none\n',
    )
  }
}

/**
 * What makes the server of the control listener, by its file: TLS, also with certificates of clients. Who may do what is
 * a matter of tokens, so the file can name no users.
 * @throws ConfigError
 */
export function controlTls(name: string): (options: ServerOptions, handler: RequestListener) => Server {
  const flag = '--control.web-config-file'
  const { tls_server_config: tls, basic_auth_users: users } = readWebFile(name, flag)
  if (users)
    throw new ConfigError(
      `${name}: basic_auth_users: the control API takes tokens only (${flag}); leave it out`,
    )
  if (!tls) throw new ConfigError(`${name}: tls_server_config: it is not there, so ${flag} would do nothing`)
  const checked = tlsOfFile(tls, name)
  return (options, handler) => tlsServer(checked, options, handler)
}
