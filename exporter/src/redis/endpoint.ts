/** Where a Redis listens, and as whom to speak to it. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** A Unix socket; host and port are then only for show. */
  readonly path?: string
  readonly tls: boolean
  readonly username?: string
  readonly password?: string
}

const SCHEMES: Record<string, { tls: boolean }> = {
  'redis:': { tls: false },
  'valkey:': { tls: false },
  'tcp:': { tls: false },
  'rediss:': { tls: true },
  'valkeys:': { tls: true },
}

/**
 * Reads `redis://[user[:password]@]host[:port]`, `rediss://`, `valkey(s)://`, `unix:///path`, or a bare `host[:port]`.
 * `tcp://` is how old configurations of redis_exporter write it.
 * @throws Error says what is wrong, without the password
 */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length)
    if (!path.startsWith('/'))
      throw new Error(`${text}: a Unix socket needs an absolute path (unix:///run/redis.sock)`)
    return { host: path, port: 0, path, tls: false }
  }
  let url: URL
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `redis://${text}`)
  } catch {
    throw new Error(`${withoutCredentials(text)}: not an address; expected redis://host:port`)
  }
  const scheme = SCHEMES[url.protocol]
  if (!scheme) {
    throw new Error(
      `${withoutCredentials(text)}: unknown scheme ${url.protocol}//; expected redis://, rediss://, valkey://, valkeys:// or unix://`,
    )
  }
  if (url.hostname === '') throw new Error(`${withoutCredentials(text)}: no host; expected redis://host:port`)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    tls: scheme.tls,
    ...(url.username !== '' && { username: decoded(url.username, text) }),
    ...(url.password !== '' && { password: decoded(url.password, text) }),
  }
}

function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error(`${withoutCredentials(text)}: a % in the user or the password has to be written as %25`)
  }
}

/** `host:port` as people write it: brackets around an IPv6 address; a socket's path as it is. */
export function addressOf({ host, port, path }: Pick<Endpoint, 'host' | 'port' | 'path'>): string {
  if (path !== undefined) return path
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** The endpoint as a URL without credentials. */
export function urlOf(endpoint: Endpoint): string {
  if (endpoint.path !== undefined) return `unix://${endpoint.path}`
  return `${endpoint.tls ? 'rediss' : 'redis'}://${addressOf(endpoint)}`
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/.*@/s, '//***@')
}
