import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../config/config.js'
import { parseEndpoint } from '../redis/endpoint.js'
import { makeFleet } from './fleet.js'

const fleetOf = (flags: Record<string, string>, warn: (message: string) => void = () => undefined) =>
  makeFleet(resolveConfig({ flags: { 'redis.addr': '', ...flags }, env: {} }), warn)

describe('targets of /scrape', () => {
  it('tell whoever asks that they fail, and not the log', async () => {
    const told: string[] = []
    const { connect } = fleetOf({ 'scrape.allow': '127.0.0.1' }, (message) => told.push(message))
    const reader = connect(parseEndpoint('redis://127.0.0.1:1'))
    expect((await reader.read(20_000)).error).toMatch(/connection refused/)
    expect(told).toEqual([])
  })
})

describe('files of TLS', () => {
  it.each(['tls-ca-cert-file', 'tls-client-cert-file', 'tls-client-key-file'])(
    'are named by their flag: --%s',
    (flag) => expect(() => fleetOf({ [flag]: '/nope' })).toThrow(`--${flag}: cannot read /nope`),
  )
})
