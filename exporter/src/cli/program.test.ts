import { describe, expect, it } from 'vitest'
import { assertCommand, makeProgram, normalizeArguments } from './program.js'

describe('assertCommand', () => {
  it.each([[[]], [['serve']], [['--redis.addr=x']], [['help']], [['plan', 'eviction-policy']]])(
    'lets %j pass',
    async (args) => {
      const program = await makeProgram(args, () => undefined)
      expect(() => assertCommand(program, args)).not.toThrow()
    },
  )

  it('names what is no command, and those there are', async () => {
    const program = await makeProgram(['frobnicate'], () => undefined)
    expect(() => assertCommand(program, ['frobnicate'])).toThrow(
      /^frobnicate: no such command; there are serve, check, plan/,
    )
  })
})

it.each([
  ['-version', 'commander.version'],
  ['-redis.addr=x -version', 'commander.version'],
  ['serve -version', 'commander.version'],
  ['-h', 'commander.helpDisplayed'],
  ['serve -h', 'commander.helpDisplayed'],
])('knows `%s`, which redis_exporter knows', async (line, code) => {
  const args = normalizeArguments(line.split(' '))
  const program = await makeProgram(args, () => undefined)
  for (const command of [program, ...program.commands]) command.configureOutput({ writeOut: () => undefined })
  await expect(program.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ exitCode: 0, code })
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

  it("takes node_exporter's way of switching a collector off", () => {
    expect(normalizeArguments(['--no-collector.latency_histogram', '--collector.slot_stats'])).toEqual([
      '--collector.latency_histogram=false',
      '--collector.slot_stats',
    ])
  })

  it('leaves a collector that there is not as it was written', () => {
    expect(normalizeArguments(['--no-collector.foo'])).toEqual(['--no-collector.foo'])
  })
})
