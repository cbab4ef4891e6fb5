import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../../stack/src/until.js'
import { NOW, planOf } from '../../../test/fakes.js'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { GrafanaIds, type GrafanaIdOptions } from './grafana-id.js'

const ISSUER = 'https://grafana.example/'
const seconds = Math.floor(NOW / 1000)

interface Pair {
  readonly key: CryptoKey | Uint8Array
  readonly jwk: JWK
}
async function makePair(kid: string, alg = 'ES256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  return { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** As Grafana 12 signs it. */
function sign(
  { key, jwk }: Pair,
  claims: Record<string, unknown> = {},
  header: object = {},
): Promise<string> {
  return new SignJWT({
    iss: ISSUER,
    aud: ['org:1'],
    sub: 'user:17',
    iat: seconds,
    exp: seconds + 600,
    namespace: 'default',
    identifier: '17',
    type: 'user',
    email: 'alice@example.org',
    username: 'alice',
    ...claims,
  })
    .setProtectedHeader({ alg: jwk.alg!, kid: jwk.kid!, typ: 'jwt', ...header })
    .sign(key)
}

let pair: Pair
let keys: JWK[]
let asked: number
let answer: 'keys' | 'nothing' | 'error' | 'redirect'
let server: Server
let warnings: string[]
let ids: (more?: Partial<GrafanaIdOptions>) => GrafanaIds

beforeEach(async () => {
  pair = await makePair('id-2026-11-es256')
  keys = [pair.jwk]
  asked = 0
  answer = 'keys'
  warnings = []
  server = createServer((_request, response) => {
    asked++
    if (answer === 'nothing') return
    if (answer === 'error') response.writeHead(500)
    if (answer === 'redirect') response.writeHead(302, { location: '/elsewhere' })
    response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  ids = (more = {}) =>
    new GrafanaIds({
      jwksUrl: `http://127.0.0.1:${port}/api/signing-keys/keys`,
      issuer: ISSUER,
      audience: 'org:1',
      clock: () => NOW,
      onWarning: (message) => void warnings.push(message),
      ...more,
    })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

describe('GrafanaIds', () => {
  it('names the user of a good token, and asks for the keys once', async () => {
    const grafana = ids()
    expect(await grafana.verify(await sign(pair))).toEqual({ verifiedUser: 'alice (user:17)' })
    expect(await grafana.verify(await sign(pair, { username: undefined }))).toEqual({
      verifiedUser: 'user:17',
    })
    expect(await grafana.verify(undefined)).toBeUndefined()
    expect(asked).toBe(1)
    const plain = ids({ issuer: 'https://grafana.example' })
    expect(await plain.verify(await sign(pair))).toHaveProperty('verifiedUser')
    expect(warnings).toEqual([])
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['another issuer', { iss: 'https://evil.example/' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['another organisation', { aud: ['org:2'] }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
    ['an expiry that is over', { exp: seconds - 60 }, 'expired'],
    ['no expiry', { exp: undefined }, 'malformed'],
    ['a beginning that is to come', { nbf: seconds + 600 }, 'expired'],
    ['no subject', { sub: undefined }, 'malformed'],
  ])('believes no token with %s', async (_, claims, unverified) => {
    expect(await ids().verify(await sign(pair, claims))).toEqual({ unverified })
  })

  it('believes no signature of another key, under whatever name', async () => {
    const forger = await makePair('id-2026-11-es256')
    expect(await ids().verify(await sign(forger))).toEqual({ unverified: 'signature' })
    expect(await ids().verify(await sign(await makePair('unknown')))).toEqual({ unverified: 'signature' })
    const [head, , signature] = (await sign(pair)).split('.')
    const [, payload] = (await sign(pair, { sub: 'user:1', username: 'admin' })).split('.')
    expect(await ids().verify(`${head}.${payload}.${signature}`)).toEqual({ unverified: 'signature' })
  })

  it('takes no other algorithm: not none, not the public key as a secret, not RSA', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const [, payload] = (await sign(pair)).split('.')
    const none = `${encode({ alg: 'none', kid: pair.jwk.kid })}.${payload}.`
    expect(await ids().verify(none)).toHaveProperty('unverified')
    const secret = new TextEncoder().encode(JSON.stringify(pair.jwk))
    const mac = await sign({ key: secret, jwk: { ...pair.jwk, alg: 'HS256' } })
    expect(await ids().verify(mac)).toEqual({ unverified: 'signature' })
    const rsa = await makePair('rsa', 'RS256')
    keys = [pair.jwk, rsa.jwk]
    expect(await ids().verify(await sign(rsa))).toEqual({ unverified: 'signature' })
  })

  it.each(['', 'rubbish', 'a.b.c', '..', 'x'.repeat(10_000), '💥'])('takes no rubbish: %s', async (token) => {
    expect(await ids().verify(token)).toEqual({ unverified: 'malformed' })
  })

  it('takes up a new key, but does not ask for each unknown one', async () => {
    const grafana = ids({ cooldownMs: 0 })
    await grafana.verify(await sign(pair))
    const next = await makePair('id-2026-12-es256')
    keys = [pair.jwk, next.jwk]
    expect(await grafana.verify(await sign(next))).toHaveProperty('verifiedUser')
    expect(asked).toBe(2)

    const cooling = ids({ cooldownMs: 3_600_000 })
    const stranger = await makePair('stranger')
    for (let i = 0; i < 5; i++) await cooling.verify(await sign(stranger))
    expect(asked).toBe(3)
  })

  it.each(['nothing', 'error', 'redirect'] as const)(
    'says so when Grafana answers with %s, and asks again afterwards',
    async (how) => {
      const grafana = ids({ timeoutMs: 200 })
      answer = how
      expect(await grafana.verify(await sign(pair))).toEqual({ unverified: 'no-keys' })
      answer = 'keys'
      const verified = async () => 'verifiedUser' in ((await grafana.verify(await sign(pair))) ?? {})
      await until(verified, { timeoutMs: 30_000, what: 'the keys to be read' })
      expect(warnings).toEqual([expect.stringContaining('--control.grafana-jwks-url could not be read')])
    },
  )

  it('warns once a minute, with how often', async () => {
    let now = NOW
    const grafana = ids({ clock: () => now })
    for (let i = 0; i < 5; i++) await grafana.verify('rubbish')
    expect(warnings).toHaveLength(1)
    now += 60_000
    await grafana.verify('rubbish')
    expect(warnings).toHaveLength(2)
    expect(warnings[1]).toContain('5 times')
  })

  it('lets no control characters into the log', async () => {
    const token = await sign(pair, { username: 'a\u001b[31m\u202el' + 'x'.repeat(500) })
    const { verifiedUser } = (await ids().verify(token)) as { verifiedUser: string }
    expect(verifiedUser).toMatch(/^a\[31mlx+ \(user:17\)$/)
    expect(verifiedUser.length).toBeLessThan(150)
  })
})

describe('the API', () => {
  let control: TestControl
  beforeEach(async () => {
    control = await startTestControl(
      {
        grafana: { scopes: ['read', 'run', 'policy'], delegated: true },
        direct: { scopes: ['read', 'run', 'policy'] },
        reader: { scopes: ['read'], delegated: true },
      },
      { grafana: ids() },
    )
    control.operations.start(planOf('p0', 'demo'), { token: 't' }, 'before')
  })
  afterEach(() => control.stop())

  const context = JSON.stringify({ Login: 'alice' })
  const pause = async (token: string, id: string) => {
    const headers = { 'x-grafana-context': context, 'x-grafana-id': id }
    const { status } = await control.ask('POST', '/api/v1/operations/p0/pause', { token, headers })
    return { status, by: control.operations.asked.at(-1)?.arguments[1] }
  }

  it('records a verified user beside the claimed one', async () => {
    expect(await pause('grafana', await sign(pair))).toEqual({
      status: 202,
      by: { token: 'grafana', claimedUser: 'alice', verifiedUser: 'alice (user:17)' },
    })
  })

  it('goes on with a token that proves nothing, and records that', async () => {
    expect(await pause('grafana', await sign(pair, { exp: seconds - 60 }))).toEqual({
      status: 202,
      by: { token: 'grafana', claimedUser: 'alice', unverified: 'expired' },
    })
  })

  it('does not look at it where the token is not delegated, or where nothing is recorded', async () => {
    expect(await pause('direct', await sign(pair))).toMatchObject({ by: { token: 'direct' } })
    const headers = { 'x-grafana-id': 'rubbish' }
    expect((await control.ask('GET', '/api/v1/operations', { token: 'grafana', headers })).status).toBe(200)
    expect(asked).toBe(0)
    expect(warnings).toEqual([])
  })

  it('permits nothing by it', async () => {
    const headers = { 'x-grafana-id': await sign(pair, { username: 'admin' }) }
    const answer = await control.ask('POST', '/api/v1/operations/p0/pause', { token: 'reader', headers })
    expect(answer.status).toBe(403)
    expect((await control.ask('GET', '/api/v1/whoami', { headers })).status).toBe(401)
  })
})
