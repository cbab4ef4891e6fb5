import { ConfigError, type Resolver } from './resolver.js'

export interface EventsConfig {
  /** Where the log is kept; undefined: no log and no control API. */
  readonly store:
    | { readonly type: 'file'; readonly path: string }
    | { readonly type: 'redis'; readonly url: string }
    | undefined
  /** How long events are kept; 0: for ever. */
  readonly retentionMs: number
  /** For a Redis. */
  readonly allowLoss: boolean
  readonly password: string
  readonly passwordFile: string
  readonly tls: {
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    readonly serverName?: string
  }
}

/** @throws ConfigError */
export function eventConfig(from: Resolver): EventsConfig {
  const file = (flag: Parameters<Resolver['text']>[0], key: string) =>
    from.text(flag) === '' ? {} : { [key]: from.text(flag) }
  return {
    store: storeOf(from),
    retentionMs: from.durationOrNone('events.retention'),
    allowLoss: from.bool('events.allow-loss'),
    password: from.text('events.password'),
    passwordFile: from.text('events.password-file'),
    tls: {
      ...file('events.tls-ca-cert-file', 'ca'),
      ...file('events.tls-client-cert-file', 'cert'),
      ...file('events.tls-client-key-file', 'key'),
      ...file('events.tls-server-name', 'serverName'),
    },
  }
}

function storeOf(from: Resolver): EventsConfig['store'] {
  const { text, from: where } = from.raw('events.url')
  if (text === '') return undefined
  const path = /^file:(?:\/\/)?(.+)$/.exec(text)?.[1]
  if (path !== undefined) return { type: 'file', path }
  if (/^(rediss?|valkeys?|unix):\/\//.test(text)) return { type: 'redis', url: text }
  // What stands before an @ may be a password.
  const shown = JSON.stringify(text.replace(/.*@/s, '***@'))
  throw new ConfigError(`${where}: ${shown} is not file:PATH, redis://host:port/db or rediss://host:port/db`)
}
