import { describe, expect, it } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'
import { operationOf, planOf } from '../../../test/fakes.js'

const cli = useCliControl()

describe('slotwise show', () => {
  it('shows a plan that nobody has run, and how to run it', async () => {
    const blockers = [{ check: 'fits', reason: 'it is full', todo: 'make room' }]
    cli.control.operations.plans.set('p1', { ...planOf('p1', 'demo'), blockers })
    const { code, out } = await cli.run(['show', 'p1'])
    expect(code).toBe(0)
    expect(out).toContain('plan p1: eviction-policy on demo is ready')
    expect(out).toContain('blocked by fits: it is full')
    expect(out).toMatch(/run it: slotwise run p1 --confirm demo --override fits --reason '\.\.\.'$/)
    const json = JSON.parse((await cli.run(['show', 'p1', '--json'])).out) as object
    expect(json).toMatchObject({ plan: { id: 'p1', state: 'ready' } })
    expect(json).not.toHaveProperty('operation')
  })

  it('shows what came of one that was run, and who paused it', async () => {
    const plan = planOf('p1', 'demo')
    const { operations } = cli.control
    operations.plans.set('p1', { ...plan, operation: 'paused' })
    const operation = operationOf(plan)
    const paused = { time: plan.createdAt, type: 'operation.paused', text: 'paused by zoe: lunch' }
    operations.operations.set('p1', {
      ...operation,
      state: 'paused',
      timeline: [...operation.timeline, paused],
    })
    const { code, out } = await cli.run(['show', 'p1'])
    expect(code).toBe(0)
    expect(out).toContain('was run: the operation is paused')
    expect(out).not.toContain('run it:')
    expect(out).toMatch(/Z {2}requested by t\n.*Z {2}paused by zoe: lunch\noperation p1: /)
    expect(out).toMatch(/is paused, 0 of 1 done\n.*\npaused by zoe: lunch\n/)
    expect(JSON.parse((await cli.run(['show', 'p1', '--json'])).out)).toMatchObject({
      plan: { operation: 'paused' },
      operation: { id: 'p1' },
    })
  })

  it('says that there is none', async () => {
    expect(await cli.run(['show', 'nope'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such plan') as string,
    })
  })
})
