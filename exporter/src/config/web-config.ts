import { ConfigError, type Resolver } from './resolver.js'

/** The metrics listener. */
export interface WebConfig {
  readonly listenAddress: string
  readonly telemetryPath: string
  readonly externalAddress: string
  readonly openMetrics: boolean
  /** exporter-toolkit's file; empty: none. */
  readonly configFile: string
  /** Who may ask; undefined: everybody. One of the two is set. */
  readonly basicAuth:
    { readonly username: string; readonly password?: string; readonly hash?: string } | undefined
  /** Files; undefined: plain HTTP. */
  readonly tls: WebTls | undefined
}

export interface WebTls {
  readonly cert: string
  readonly key: string
  /** Clients must show a certificate that this CA has signed. */
  readonly clientCa?: string
  readonly minVersion: TlsVersion
}

const TLS_VERSIONS = {
  'TLS1.0': 'TLSv1',
  'TLS1.1': 'TLSv1.1',
  'TLS1.2': 'TLSv1.2',
  'TLS1.3': 'TLSv1.3',
} as const
export type TlsVersion = (typeof TLS_VERSIONS)[keyof typeof TLS_VERSIONS]

const BCRYPT = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/

/** @throws ConfigError */
export function webConfig(from: Resolver): WebConfig {
  return {
    listenAddress: from.read(
      'web.listen-address',
      parseListenAddress,
      'host:port or :port with a port up to 65535',
    ),
    telemetryPath: from.matching('web.telemetry-path', /^\/[^?#]*$/, 'a path that starts with a slash'),
    externalAddress: from.matching('web.external-address', /^$|^[^\s/]+:\d{1,5}$/, 'host:port'),
    openMetrics: from.bool('web.enable-openmetrics'),
    configFile: from.text('web.config.file'),
    basicAuth: basicAuth(from),
    tls: webTls(from),
  }
}

export function parseListenAddress(text: string): string | undefined {
  const port = /^.*:(\d{1,5})$/.exec(text)?.[1]
  return port !== undefined && Number(port) <= 65535 ? text : undefined
}

export function parseTlsVersion(text: string): TlsVersion | undefined {
  return Object.entries(TLS_VERSIONS).find(([name]) => name === text)?.[1]
}

export function isBcryptHash(text: string): boolean {
  return BCRYPT.test(text)
}

/** As redis_exporter: nobody is asked unless user and password are both set. */
function basicAuth(from: Resolver): WebConfig['basicAuth'] {
  const username = from.text('basic-auth-username')
  const password = from.text('basic-auth-password')
  const hash = from.text('basic-auth-hash-password')
  if (password !== '' && hash !== '') {
    throw new ConfigError('--basic-auth-password and --basic-auth-hash-password: set one of the two')
  }
  if (hash !== '' && !isBcryptHash(hash)) {
    throw new ConfigError(`${from.raw('basic-auth-hash-password').from}: not a bcrypt hash ($2b$…)`)
  }
  if (username === '' && password + hash !== '') {
    throw new ConfigError('--basic-auth-password: a password without --basic-auth-username protects nothing')
  }
  if (username !== '' && password + hash === '') {
    throw new ConfigError('--basic-auth-username: a user without --basic-auth-password protects nothing')
  }
  return username === '' ? undefined : { username, ...(hash === '' ? { password } : { hash }) }
}

function webTls(from: Resolver): WebTls | undefined {
  const cert = from.text('tls-server-cert-file')
  const key = from.text('tls-server-key-file')
  const clientCa = from.text('tls-server-ca-cert-file')
  const minVersion = from.read(
    'tls-server-min-version',
    parseTlsVersion,
    'one of TLS1.0, TLS1.1, TLS1.2 and TLS1.3',
  )
  if ((cert === '') !== (key === '')) {
    throw new ConfigError('--tls-server-cert-file and --tls-server-key-file: one needs the other')
  }
  if (cert === '' && clientCa !== '') {
    throw new ConfigError(
      `${from.raw('tls-server-ca-cert-file').from}: without --tls-server-cert-file and --tls-server-key-file ` +
        'the listener speaks plain HTTP, and no client is asked for a certificate; set them, or leave it out',
    )
  }
  if (cert === '') return undefined
  return { cert, key, minVersion, ...(clientCa !== '' && { clientCa }) }
}
