import { describe, expect, it, vi } from 'vitest'
import { screen, useCliControl } from '../../../test/cli-control.js'
import { planOf } from '../../../test/fakes.js'
import type { Operation } from '../../contract/operations.js'

const cli = useCliControl()

describe('slotwise watch', () => {
  it('draws a bar for somebody who looks', async () => {
    cli.control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    cli.endAfter(3, 'p1', 'succeeded')
    const { progress, drawn } = screen()
    const { code } = await cli.run(['watch', 'p1'], { progress })
    expect(code).toBe(0)
    expect(drawn()).toMatch(/succeeded \[=+\] 1\/1 {2}it succeeded/)
  })

  it('prints a JSON document a change', async () => {
    cli.control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    cli.endAfter(3, 'p1', 'succeeded')
    const { out } = await cli.run(['watch', 'p1', '--json'])
    expect(out.split('\n').map((line) => (JSON.parse(line) as Operation).state)).toEqual([
      'running',
      'succeeded',
    ])
  })

  it('goes on while the API is away', async () => {
    cli.control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    cli.endAfter(2, 'p1', 'succeeded')
    const real = fetch
    let calls = 0
    vi.spyOn(globalThis, 'fetch').mockImplementation((...args) =>
      ++calls === 2
        ? Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))
        : real(...args),
    )
    const { code, err } = await cli.run(['watch', 'p1'])
    expect(code).toBe(0)
    expect(err).toMatch(/connection refused.*; trying on$/)
  })

  it('exits 1 for an operation that is not there', async () => {
    expect(await cli.run(['watch', 'nothing'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no operation/) as string,
    })
  })
})
