import { describe, expect, it } from 'vitest'
import { addressMap } from './address-map.js'

describe('addressMap', () => {
  const map = addressMap({
    '10.0.0.0/8': 'gateway.example',
    '10.1.0.0/16': 'other.example',
    '10.0.0.2': '127.0.0.2',
    '10.0.0.2:6380': '127.0.0.1:7000',
    'redis-0.internal': '[::1]:7001',
    '[fd00::1]:6379': '127.0.0.1:7002',
  })

  it.each([
    ['a host and port', '10.0.0.2', 6380, { host: '127.0.0.1', port: 7000 }],
    ['a host, whose ports stay', '10.0.0.2', 6379, { host: '127.0.0.2', port: 6379 }],
    ['a range', '10.0.0.3', 6379, { host: 'gateway.example', port: 6379 }],
    ['the narrower of two ranges', '10.1.0.3', 6379, { host: 'other.example', port: 6379 }],
    ['a host name', 'redis-0.internal', 6379, { host: '::1', port: 7001 }],
    ['an IPv6 address', 'fd00::1', 6379, { host: '127.0.0.1', port: 7002 }],
    ['nothing', '192.168.0.1', 6379, undefined],
    ['no range by its name', 'redis-1.internal', 6379, undefined],
  ])('goes by %s', (_, host, port, reach) => expect(map(host, port)).toEqual(reach))

  it.each([
    [{ '10.0.0.0/99': 'x' }, /10\.0\.0\.0\/99: not a CIDR range/],
    [{ 'a b': 'x' }, /a b: not an address/],
    [{ 'a:1': 'redis://x:1' }, /a:1: "redis:\/\/x:1" is not an address; expected host:port or host/],
    [{ 'a:1': 'x:70000' }, /a:1: "x:70000" is not an address/],
  ])('names what is no rule: %j', (rules, message) => expect(() => addressMap(rules)).toThrow(message))
})
