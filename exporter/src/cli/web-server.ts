import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import { ConfigError, type Config } from '../config/config.js'
import type { WebTls } from '../config/web-config.js'
import { limitConnections, PATIENCE, type ConnectionLimits } from '../http/connections.js'
import { BasicAuth, guarded, type Secret } from '../http/metrics/auth.js'
import { readWebFile, tlsOfFile, tlsServer, type Tls } from './web-tls.js'

/** Connections are kept longer than a scrape interval, so that Prometheus finds its own still open. */
const OPTIONS: ServerOptions = { ...PATIENCE, keepAliveTimeout: 90_000 }
const CONNECTIONS: ConnectionLimits = { all: 2000, ofOne: 1000 }

/**
 * Makes the server of the metrics listener: plain or TLS, for everybody or for those who know a password.
 * @param listenerOf makes what answers, told whether a password is asked for
 * @throws ConfigError
 */
export function makeWebServer({ web }: Config, listenerOf: (guarded: boolean) => RequestListener): Server {
  const file = web.configFile === '' ? undefined : readWebFile(web.configFile, '--web.config.file')
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
  const server = tls ? tlsServer(tls, OPTIONS, handler) : createHttpServer(OPTIONS, handler)
  limitConnections(server, CONNECTIONS)
  return server
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
  const asks = tls?.clientCa !== undefined
  return tls && { ...tls, from: '--tls-server-cert-file', ask: asks, refuse: asks ? 'without' : 'nobody' }
}
