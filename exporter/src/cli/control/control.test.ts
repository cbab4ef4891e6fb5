import { describe, expect, it } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'

const cli = useCliControl()

describe('every command', () => {
  it.each([
    ['plan'],
    ['run'],
    ['watch'],
    ['operations'],
    ['pause'],
    ['resume'],
    ['cancel'],
    ['events'],
    ['token', 'new'],
    ['openapi'],
  ])('%s %s has --help with --json', async (...command) => {
    const { code, out } = await cli.run([...command, '--help'])
    expect(code).toBe(0)
    expect(out).toContain('--json')
  })

  it.each([[['token']], [['token', 'old']]])('%j exits 2 with a line', async (args) => {
    const { code, out, err } = await cli.run(args)
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 1 })
  })

  it('openapi prints the description', async () => {
    expect(JSON.parse((await cli.run(['openapi'])).out)).toMatchObject({ openapi: '3.1.0' })
  })
})
