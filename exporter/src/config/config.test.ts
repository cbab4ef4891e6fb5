import { describe, expect, it } from 'vitest'
import { ConfigError, resolveConfig, type ConfigSources } from './config.js'
import { parseDuration } from './duration.js'
import { options } from './options.js'

const resolve = (sources: Partial<ConfigSources>) => resolveConfig({ flags: {}, env: {}, ...sources })
const inFile = (content: unknown) => resolve({ file: { name: 'slotwise.yml', content } })

describe('resolveConfig', () => {
  it('watches the local node when nothing is given, as redis_exporter does', () => {
    expect(resolve({})).toMatchObject({
      single: 'redis://localhost:6379',
      clusters: [],
      web: { listenAddress: ':9121' },
    })
  })

  it('watches no node when the address is empty, as redis_exporter does', () => {
    expect(resolve({ flags: { 'redis.addr': '' } }).single).toBeUndefined()
  })

  it('makes a cluster of --cluster.name and its seeds', () => {
    const flags = {
      'cluster.name': 'demo',
      'redis.addr': 'redis://a:1, redis://b:2',
      'redis.user': 'u',
      'redis.password': 'p',
    }
    expect(resolve({ flags })).toMatchObject({
      single: undefined,
      clusters: [{ name: 'demo', seeds: ['redis://a:1', 'redis://b:2'], username: 'u', password: 'p' }],
    })
  })

  it('reads how the control listener is protected', () => {
    const grafanaJwksUrl = 'https://grafana.example/api/signing-keys/keys'
    const control = { webConfigFile: 'web.yml', grafanaJwksUrl, grafanaIssuer: 'https://grafana.example/' }
    expect(inFile({ control, alerting: { expireAfter: '2h' } })).toMatchObject({
      control: {
        webConfigFile: 'web.yml',
        grafana: { jwksUrl: grafanaJwksUrl, issuer: 'https://grafana.example/', audience: 'org:1' },
      },
      alerting: { expireMs: 7_200_000 },
    })
    expect(resolve({}).control.grafana).toBeUndefined()
  })

  it('refuses a CA for clients without the certificate that makes the listener speak TLS', () => {
    expect(() => resolve({ flags: { 'tls-server-ca-cert-file': 'ca.pem' } })).toThrow(
      /^--tls-server-ca-cert-file: without --tls-server-cert-file .* plain HTTP/,
    )
    expect(() => resolve({ env: { REDIS_EXPORTER_TLS_SERVER_CA_CERT_FILE: 'ca.pem' } })).toThrow(
      /^REDIS_EXPORTER_TLS_SERVER_CA_CERT_FILE: /,
    )
  })

  it('watches no single node when the file names clusters', () => {
    const config = inFile({ clusters: [{ name: 'demo', seeds: ['redis://a:1'] }] })
    expect(config.single).toBeUndefined()
    expect(config.clusters).toHaveLength(1)
  })

  it('lets a flag beat the environment, and the environment the file', () => {
    const file = { name: 'f', content: { scrape: { nodeTimeout: '3s' } } }
    const env = { SLOTWISE_SCRAPE_NODE_TIMEOUT: '2s' }
    expect(resolve({ file }).scrape.nodeTimeoutMs).toBe(3000)
    expect(resolve({ file, env }).scrape.nodeTimeoutMs).toBe(2000)
    expect(resolve({ file, env, flags: { 'scrape.node-timeout': '500ms' } }).scrape.nodeTimeoutMs).toBe(500)
  })

  it('reads lists and plain values from the file', () => {
    const config = inFile({
      scrape: { allow: ['10.0.0.0/8', 'h'] },
      metrics: { system: true },
      log: { level: 'warn' },
    })
    expect(config).toMatchObject({
      scrape: { allow: ['10.0.0.0/8', 'h'] },
      metrics: { system: true },
      log: { level: 'warn' },
    })
  })

  it.each([
    [{ cluster: [] }, /slotwise\.yml.*cluster/],
    [{ clusters: [{ name: 'demo', seeds: [] }] }, /clusters\[0\]\.seeds: at least one address/],
    [{ clusters: [{ name: 'demo', seeds: ['a'], sedes: ['b'] }] }, /clusters\[0\].*sedes/],
    [{ clusters: [{ name: 'a b', seeds: ['a'] }] }, /clusters\[0\]\.name: letters/],
    [
      { scrape: { nodeTimeout: 'soon' } },
      /slotwise\.yml: scrape\.nodeTimeout: "soon" is not a positive duration/,
    ],
    [{ scrape: { nodeTimeOut: '1s' } }, /nodeTimeOut/],
    [['list'], /slotwise\.yml/],
  ])('refuses %j by name', (content, message) => expect(() => inFile(content)).toThrow(message))

  it.each([
    [{ 'scrape.node-timeout': '0s' }, /--scrape\.node-timeout: "0s" is not a positive duration/],
    [
      { 'control.grafana-jwks-url': 'https://grafana.example/keys' },
      /jwks-url and --control\.grafana-issuer: one needs the other/,
    ],
    [{ 'control.grafana-issuer': 'https://grafana.example/' }, /one needs the other/],
    [
      { 'control.grafana-jwks-url': 'file:///etc/passwd' },
      /is not a URL that starts with https:\/\/ or http:/,
    ],
    [{ 'control.grafana-jwks-url': 'https://a:b@grafana.example/' }, /is not a URL/],
    [{ 'alerting.expire-after': '0s' }, /is not a positive duration/],
    [{ 'web.listen-address': 'here' }, /--web\.listen-address: "here" is not host:port or :port/],
    [{ 'web.listen-address': '127.0.0.1:99999' }, /with a port up to 65535/],
    [{ 'log-level': 'loud' }, /--log-level/],
    [{ debug: 'maybe' }, /--debug: "maybe" is not a boolean/],
    [{ namespace: '9x-' }, /--namespace/],
    [{ 'redis.addr': 'a,b' }, /several addresses need --cluster\.name/],
  ])('refuses the flags %j', (flags, message) => {
    expect(() => resolve({ flags })).toThrow(message)
    expect(() => resolve({ flags })).toThrow(ConfigError)
  })

  it('names the environment variable that is wrong', () => {
    expect(() => resolve({ env: { REDIS_EXPORTER_DEBUG: 'x' } })).toThrow(/REDIS_EXPORTER_DEBUG/)
  })

  it('takes an empty variable for none where there is no empty value', () => {
    const env = {
      REDIS_EXPORTER_DEBUG: '',
      SLOTWISE_DISCOVERY_INTERVAL: '',
      REDIS_EXPORTER_CHECK_KEYS_BATCH_SIZE: '',
    }
    expect(resolve({ env })).toEqual(resolve({}))
  })

  it('reads where warmups may come from', () => {
    const sources = [{ name: 'old', seeds: ['redis://a:1'], passwordFile: '/run/p' }]
    expect(inFile({ warmup: { dir: './seeds', sources } }).warmup).toEqual({ dir: './seeds', sources })
    expect(resolve({ flags: { 'warmup.dir': 'x' }, env: { SLOTWISE_WARMUP_DIR: 'y' } }).warmup).toEqual({
      dir: 'x',
      sources: [],
    })
    expect(resolve({}).warmup).toEqual({ dir: '', sources: [] })
  })

  it.each([
    [{ warmup: { folder: 'x' } }, /slotwise\.yml: warmup.*folder/],
    [{ warmup: { sources: [{ name: 'old' }] } }, /warmup\.sources\[0\]\.seeds: at least one address/],
    [{ warmup: { sources: [{ name: 'old', seeds: ['a'], host: 'b' }] } }, /warmup\.sources\[0\].*host/],
    [
      { warmup: { sources: ['a', 'b'].map((seed) => ({ name: 'old', seeds: [seed] })) } },
      /warmup\.sources: the name old is there twice/,
    ],
    [
      {
        clusters: [{ name: 'old', seeds: ['a'] }],
        warmup: { sources: [{ name: 'old', seeds: ['b'] }] },
      },
      /warmup\.sources: the name old is there twice/,
    ],
  ])('refuses the sources %j', (content, message) => expect(() => inFile(content)).toThrow(message))

  it('refuses a name that is there twice', () => {
    const cluster = { name: 'demo', seeds: ['a'] }
    expect(() => inFile({ clusters: [cluster, cluster] })).toThrow(/the name demo is there twice/)
  })
})

describe('the options', () => {
  it('have each flag and each variable once', () => {
    const flags = options.map(({ flag }) => flag)
    expect(new Set(flags).size).toBe(flags.length)
    expect(new Set(options.map(({ env }) => env)).size).toBe(options.length)
  })
})

describe('parseDuration', () => {
  it.each([
    ['1s', 1000],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['90d', 7_776_000_000],
    ['1', undefined],
    ['', undefined],
    ['-1s', undefined],
    ['1s ', undefined],
  ])('%s is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms))
})
