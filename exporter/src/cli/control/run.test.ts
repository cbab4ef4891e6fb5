import { describe, expect, it } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'
import { planOf } from '../../../test/fakes.js'
import { OperationError } from '../../operations/operations.js'

const cli = useCliControl()

describe('slotwise run', () => {
  const args = ['run', 'p1', '--confirm', 'demo', '--reason', 'incident 7']

  it('shows what it runs and runs that hash', async () => {
    cli.control.operations.plans.set('p1', planOf('p1', 'demo'))
    const { code, out } = await cli.run(args)
    expect(code).toBe(0)
    expect(out).toMatch(/noeviction[^]*operation p1: eviction-policy on demo is running/)
    expect(cli.control.operations.asked[0]!.arguments[1]).toMatchObject({
      confirm: 'demo',
      hash: 'hash-of-p1',
      reason: 'incident 7',
    })
  })

  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['needs-attention', 1],
  ] as const)('--watch: %s exits %i', async (state, exit) => {
    cli.control.operations.plans.set('p1', planOf('p1', 'demo'))
    cli.endAfter(4, 'p1', state)
    const { code, out } = await cli.run([...args, '--hash', 'hash-of-p1', '--watch'])
    expect(code).toBe(exit)
    expect(out).toMatch(
      new RegExp(`requested by t\\n.*it ${state}\\noperation p1: .* is ${state}, 1 of 1 done`),
    )
  })

  it('shows a plan that was run as such', async () => {
    cli.control.operations.plans.set('p1', { ...planOf('p1', 'demo'), operation: 'succeeded' })
    cli.control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'before')
    const { code, out, err } = await cli.run(args)
    expect(code).toBe(1)
    expect(out).toContain('plan p1: eviction-policy on demo was run: the operation is succeeded')
    expect(out).not.toContain('run it:')
    expect(err).toMatch(/a plan runs once \(409\)$/)
  })

  it('tells a stale plan with what changed and the fresh one', async () => {
    cli.control.operations.plans.set('p1', planOf('p1', 'demo'))
    cli.control.operations.failure = new OperationError('stale', 'it changed', {
      difference: ['a:1 maxmemory is 5'],
      freshPlan: { id: 'p2', state: 'ready' },
      problems: [{ node: 'a:1', reason: 'moved', todo: 'look' }],
    })
    const { err } = await cli.run([...args, '--hash', 'h'])
    cli.control.operations.failure = undefined
    expect(err.split('\n').slice(1)).toEqual([
      '  a:1: moved: look',
      '  changed since: a:1 maxmemory is 5',
      '  fresh plan: p2 (ready); read it: slotwise show p2',
    ])
  })

  it('tells a refusal in a line, and as JSON when asked', async () => {
    cli.control.operations.plans.set('p1', planOf('p1', 'demo'))
    const wrong = ['run', 'p1', '--confirm', 'production', '--reason', 'x', '--hash', 'h']
    expect(await cli.run(wrong)).toEqual({
      code: 1,
      out: '',
      err: "slotwise: The confirmation does not name the cluster: type the cluster's name, demo (400)",
    })
    const { code, out } = await cli.run([...wrong, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ type: 'urn:slotwise:problem:wrong-confirm' })
  })
})
