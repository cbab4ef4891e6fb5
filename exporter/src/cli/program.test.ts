import { describe, expect, it } from 'vitest'
import { assertCommand, makeProgram, normalizeArguments } from './program.js'

describe('assertCommand', () => {
  const program = makeProgram(() => undefined)

  it.each([[[]], [['serve']], [['--redis.addr=x']], [['help']], [['plan', 'eviction-policy']]])(
    'lets %j pass',
    (args) => {
      expect(() => assertCommand(program, args)).not.toThrow()
    },
  )

  it('names what is no command, and those there are', () => {
    expect(() => assertCommand(program, ['frobnicate'])).toThrow(
      /^frobnicate: no such command; there are serve, check, plan/,
    )
  })
})

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
