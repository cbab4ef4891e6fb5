import { describe, expect, it } from 'vitest'
import { normalizeArguments } from './program.js'

describe('normalizeArguments', () => {
  it('takes Go-style flags', () => {
    expect(normalizeArguments(['-redis.addr=x', '-debug', '--namespace', 'y', 'serve', '-1'])).toEqual([
      '--redis.addr=x',
      '--debug',
      '--namespace',
      'y',
      'serve',
      '-1',
    ])
  })

  it.each(['--check-keys=a*', '-check-keys', '--is-cluster'])(
    'refuses %s, which is still to come, by name',
    (flag) => {
      expect(() => normalizeArguments([flag])).toThrow(
        /redis_exporter has this flag, this version of Slotwise does not yet/,
      )
    },
  )
})
