import { ConfigError, type Resolver } from './resolver.js'
import { parseListenAddress } from './web-config.js'

/** The control listener. */
export interface ControlConfig {
  readonly listenAddress: string
  /** Empty: there are no tokens, so it is read-only. */
  readonly tokensFile: string
  /** exporter-toolkit's file; empty: plain HTTP. */
  readonly webConfigFile: string
  /** How X-Grafana-Id is verified; undefined: not at all. */
  readonly grafana:
    { readonly jwksUrl: string; readonly issuer: string; readonly audience: string } | undefined
}

/** @throws ConfigError */
export function controlConfig(from: Resolver): ControlConfig {
  return {
    listenAddress: from.read(
      'control.listen-address',
      parseListenAddress,
      'host:port with a port up to 65535',
    ),
    tokensFile: from.text('control.tokens-file'),
    webConfigFile: from.text('control.web-config-file'),
    grafana: grafana(from),
  }
}

function grafana(from: Resolver): ControlConfig['grafana'] {
  const jwksUrl = from.read(
    'control.grafana-jwks-url',
    parseUrl,
    'a URL that starts with https:// or http://',
  )
  const issuer = from.text('control.grafana-issuer')
  const audience = from.text('control.grafana-audience')
  if (jwksUrl === '' && issuer === '') return undefined
  if (jwksUrl === '' || issuer === '')
    throw new ConfigError('--control.grafana-jwks-url and --control.grafana-issuer: one needs the other')
  if (audience === '')
    throw new ConfigError('--control.grafana-audience: without it an identity of any organisation would do')
  return { jwksUrl, issuer, audience }
}

/** A URL without user and password, which errors could show. */
function parseUrl(text: string): string | undefined {
  if (text === '') return ''
  if (!URL.canParse(text)) return undefined
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username + password === '' ? text : undefined
}
