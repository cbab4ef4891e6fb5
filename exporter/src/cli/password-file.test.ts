import { describe, expect, it } from 'vitest'
import { parseEndpoint } from '../redis/endpoint.js'
import { knowsUser, passwordFor } from './password-file.js'

const passwords = new Map([
  ['redis://10.0.0.*', 'all'],
  ['redis://10.0.0.1:6379', 'one'],
  ['redis://10.0.0.2:6379', ''],
  ['redis://bob@10.0.0.1:6379', 'of bob'],
  ['redis://ann@10.0.1.*:6379', 'of ann'],
  ['unix:///run/redis.sock', 'of the socket'],
])

describe('the password file', () => {
  it.each([
    ['redis://10.0.0.1:6379', 'one', false],
    ['redis://10.0.0.2', '', false],
    ['redis://10.0.0.3:7000', 'all', false],
    ['rediss://10.0.0.3:7000', undefined, false],
    ['redis://bob@10.0.0.1', 'of bob', true],
    ['redis://eve@10.0.0.1', 'one', false],
    ['redis://bob@10.0.0.3', 'all', false],
    ['redis://ann@10.0.1.9', 'of ann', true],
    ['redis://10.0.1.9', undefined, false],
    ['redis://100010.1:6379', undefined, false],
    ['unix:///run/redis.sock', 'of the socket', false],
  ])('has for %s the password %j, and its user: %s', (url, password, known) => {
    const endpoint = parseEndpoint(url)
    expect(passwordFor(endpoint, passwords)).toBe(password)
    expect(knowsUser(endpoint, passwords)).toBe(known)
  })
})
