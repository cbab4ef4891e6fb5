import { statSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type ServerOptions } from 'node:https'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, type Config } from '../config/config.js'
import { isBcryptHash, type TlsVersion, type WebTls } from '../config/web-config.js'
import { BasicAuth, guarded, type Secret } from '../http/metrics/auth.js'
import { readText } from './secrets.js'

/** Longer than a scrape interval, so that Prometheus finds its connection still open. */
const KEEP_ALIVE_MS = 90_000

const VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const

/** Go's names; RequireAnyClientCert checks them, too: Node cannot ask for one and not look at it. */
const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const

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

interface Tls {
  readonly cert: string
  readonly key: string
  readonly clientCa?: string
  /** Whether a client has to show a certificate, and whether it is checked. */
  readonly ask: boolean
  readonly refuse: boolean
  readonly minVersion: TlsVersion
}

/**
 * Makes the server of the metrics listener: plain or TLS, for everybody or for those who know a password.
 * @param listenerOf makes what answers, told whether a password is asked for
 * @throws ConfigError
 */
export function makeWebServer({ web }: Config, listenerOf: (guarded: boolean) => RequestListener): Server {
  const file = web.configFile === '' ? undefined : readWebFile(web.configFile)
  if (file?.basic_auth_users && web.basicAuth) {
    throw new ConfigError(
      '--basic-auth-username and basic_auth_users of --web.config.file: set one of the two',
    )
  }
  if (file?.tls_server_config && web.tls) {
    throw new ConfigError(
      '--tls-server-cert-file and tls_server_config of --web.config.file: set one of the two',
    )
  }
  const users = usersOf(web.basicAuth, file?.basic_auth_users)
  const handler = guarded(listenerOf(users.size > 0), users.size > 0 ? new BasicAuth(users) : undefined)
  const tls = file?.tls_server_config
    ? tlsOfFile(file.tls_server_config, web.configFile)
    : tlsOfFlags(web.tls)
  const server = tls ? tlsServer(tls, handler) : createHttpServer(handler)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  return server
}

function readWebFile(name: string): z.output<typeof webFile> {
  const text = readText(name, '--web.config.file')
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

function usersOf(
  flags: Config['web']['basicAuth'],
  inFile: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<string, Secret> {
  const users = new Map<string, Secret>(Object.entries(inFile ?? {}).map(([user, hash]) => [user, { hash }]))
  if (flags) {
    const { username, password, hash } = flags
    users.set(username, hash === undefined ? { password: password! } : { hash })
  }
  return users
}

function tlsOfFlags(tls: WebTls | undefined): Tls | undefined {
  return tls && { ...tls, ask: tls.clientCa !== undefined, refuse: tls.clientCa !== undefined }
}

/** Paths of the file are relative to it. */
function tlsOfFile(tls: NonNullable<z.output<typeof webFile>['tls_server_config']>, name: string): Tls {
  const at = (path: string) => resolve(dirname(name), path)
  const auth =
    tls.client_auth_type ?? (tls.client_ca_file === undefined ? 'NoClientCert' : 'RequireAndVerifyClientCert')
  return {
    cert: at(tls.cert_file),
    key: at(tls.key_file),
    ...(tls.client_ca_file !== undefined && { clientCa: at(tls.client_ca_file) }),
    ask: auth !== 'NoClientCert',
    refuse: auth === 'RequireAndVerifyClientCert' || auth === 'RequireAnyClientCert',
    minVersion: VERSIONS[tls.min_version ?? 'TLS12'],
  }
}

/** A certificate that was renewed is taken up at the next connection. */
function tlsServer(tls: Tls, handler: RequestListener): Server {
  const files = [tls.cert, tls.key, ...(tls.clientCa === undefined ? [] : [tls.clientCa])]
  const read = (): ServerOptions => ({
    cert: readText(tls.cert, '--tls-server-cert-file'),
    key: readText(tls.key, '--tls-server-key-file'),
    ...(tls.clientCa !== undefined && { ca: readText(tls.clientCa, '--tls-server-ca-cert-file') }),
    minVersion: tls.minVersion,
  })
  const changed = () => files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join()
  let seen = changed()
  let server: ReturnType<typeof createHttpsServer>
  try {
    server = createHttpsServer({ ...read(), requestCert: tls.ask, rejectUnauthorized: tls.refuse }, handler)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`the certificate of the metrics listener: ${(error as Error).message}`)
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
