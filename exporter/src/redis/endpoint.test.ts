import { describe, expect, it } from 'vitest'
import { addressOf, parseEndpoint, urlOf } from './endpoint.js'

describe('parseEndpoint', () => {
  it.each([
    ['redis://localhost:6379', { host: 'localhost', port: 6379, tls: false }],
    ['10.0.0.7', { host: '10.0.0.7', port: 6379, tls: false }],
    ['10.0.0.7:7000', { host: '10.0.0.7', port: 7000, tls: false }],
    ['rediss://cache.internal', { host: 'cache.internal', port: 6379, tls: true }],
    ['valkeys://cache:1', { host: 'cache', port: 1, tls: true }],
    ['tcp://cache:7000', { host: 'cache', port: 7000, tls: false }],
    ['redis://[::1]:7000', { host: '::1', port: 7000, tls: false }],
    ['redis://us%40er:p%3Aw@h:1', { host: 'h', port: 1, tls: false, username: 'us@er', password: 'p:w' }],
    ['redis://:pw@h:1', { host: 'h', port: 1, tls: false, password: 'pw' }],
    ['unix:///run/redis.sock', { host: '/run/redis.sock', port: 0, path: '/run/redis.sock', tls: false }],
  ])('reads %s', (text, endpoint) => expect(parseEndpoint(text)).toEqual(endpoint))

  it.each([
    ['http://h:1', /unknown scheme http:/],
    ['redis://:1', /address|host/],
    ['redis://h:99999', /not an address/],
    ['unix://run/redis.sock', /absolute path/],
    ['', /address|host/],
    ['redis://u:SECRET%PW@h:1', /^redis:\/\/\*\*\*@h:1: a % in the user or the password .* as %25$/],
  ])('refuses %s', (text, message) => expect(() => parseEndpoint(text)).toThrow(message))

  it('never shows the password', () => {
    expect(() => parseEndpoint('http://user:hunter2@h:1')).toThrow(
      expect.not.stringContaining('hunter2') as Error,
    )
    expect(() => parseEndpoint('redis://user:hunter2@h:999999')).toThrow(/\*\*\*@h/)
    expect(urlOf(parseEndpoint('redis://user:hunter2@h:1'))).toBe('redis://h:1')
  })
})

describe('addressOf', () => {
  it('puts brackets around IPv6', () => expect(addressOf({ host: '::1', port: 7000 })).toBe('[::1]:7000'))
})
