import { describe, expect, it } from 'vitest'
import { allowList } from './allow.js'

describe('allowList', () => {
  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '11.1.2.3', false],
    [['10.0.0.0/8'], 'ten.example', false],
    [['10.0.0.7'], '10.0.0.7', true],
    [['10.0.0.7'], '10.0.0.8', false],
    [['::ffff:10.0.0.7'], '10.0.0.7', true],
    [['10.0.0.0/8'], '::ffff:10.0.0.7', true],
    [['fd00::/8'], 'fd00::1', true],
    [['fd00::/8'], '10.0.0.1', false],
    [['redis.internal'], 'REDIS.internal', true],
    [['*.redis.internal'], 'a.redis.internal', true],
    [['*.redis.internal'], 'redis.internal', false],
    [['*.redis.internal'], 'evilredis.internal', false],
    [['*'], 'anything', true],
    [['*'], '8.8.8.8', true],
    [[], '127.0.0.1', false],
    [['unix:///run/redis.sock'], '/run/redis.sock', true],
    [['unix:///run/redis.sock'], '/run/other.sock', false],
    [['*', '*.sock'], '/run/redis.sock', false],
  ])('%j permits %s: %s', (entries, host, permitted) => expect(allowList(entries)(host)).toBe(permitted))

  it.each(['10.0.0.0/99', 'a b', 'http://x', 'unix://run', 'redis.*'])('refuses the entry %s', (entry) => {
    expect(() => allowList([entry])).toThrow(entry)
  })
})
