import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { screen, useCliControl } from '../../../test/cli-control.js'
import { planOf } from '../../../test/fakes.js'
import { FIELDS } from '../../contract/kinds/eviction-policy.js'
import type { Plan } from '../../contract/operations.js'

const cli = useCliControl()
const directory = mkdtempSync(join(tmpdir(), 'slotwise-cli-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('slotwise plan', () => {
  it('asks with the values of --set and shows the difference', async () => {
    const { code, out, err } = await cli.run([
      'plan',
      'eviction-policy',
      '--cluster',
      'demo',
      '--wait',
      '--set',
      'maxmemory=512mb',
      'samples=10',
      'persist=true',
      '--set',
      'rate.keysPerSecond=5',
      'rate.x=a=b',
    ])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(cli.control.operations.asked[0]!.arguments[0]).toMatchObject({
      cluster: 'demo',
      kind: 'eviction-policy',
      spec: { maxmemory: '512mb', samples: 10, persist: true, rate: { keysPerSecond: 5, x: 'a=b' } },
      by: { token: 'me' },
    })
    expect(out).toMatch(/plan p1: eviction-policy on demo is ready, may be run until 2026-11-22 12:15:00Z/)
    expect(out).toMatch(/a:1 .*primary .*maxmemory-policy .*noeviction .*-> .*allkeys-lru/)
    expect(out).toContain('warning: volatile keys are evicted too')
    expect(out).toContain('slotwise run p1 --confirm demo --reason')
  })

  it('takes a spec from a file, and prints JSON', async () => {
    const file = join(directory, 'spec.json')
    writeFileSync(file, '{"policy":"allkeys-lfu"}')
    const { code, out } = await cli.run([
      'plan',
      'eviction-policy',
      '--cluster',
      'demo',
      '--spec',
      file,
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ id: 'p1', state: 'planning', spec: { policy: 'allkeys-lfu' } })
  })

  const planning = (progress?: Plan['progress']): Plan => ({
    ...planOf('p1', 'demo'),
    state: 'planning',
    ...(progress && { progress }),
  })

  it('--help names the kinds and every parameter of eviction-policy', async () => {
    const { code, out } = await cli.run(['plan', '--help'])
    expect(code).toBe(0)
    for (const name of ['eviction-policy', 'warmup', 'evict-keys', ...FIELDS]) expect(out).toContain(name)
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('draws a bar while it is planned', async () => {
    const states = [planning(), planning({ done: 1, total: 4 })]
    vi.spyOn(cli.control.operations, 'getPlan').mockImplementation(
      () => states.shift() ?? planOf('p1', 'demo'),
    )
    const { progress, drawn } = screen()
    const { code, out } = await cli.run(['plan', 'eviction-policy', '--cluster', 'demo', '--wait'], {
      progress,
    })
    expect(code).toBe(0)
    expect(drawn()).toMatch(/planning \[=+-+\] 25 % looked at/)
    expect(out).toContain('plan p1: eviction-policy on demo is ready')
  })

  it('cancels the plan at Ctrl-C, and exits 1', async () => {
    const { plans } = cli.control.operations
    vi.spyOn(cli.control.operations, 'getPlan').mockImplementation((id) => {
      const plan = plans.get(id)!
      return plan.state === 'refused' ? plan : planning()
    })
    const { code, out } = await cli.run(['plan', 'eviction-policy', '--cluster', 'demo', '--wait'], {
      onInterrupt: (act) => {
        act()
        return () => undefined
      },
      pollMs: 3_600_000,
    })
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringContaining('refused: cancelled by me') as string,
    })
    expect(cli.control.operations.asked.at(-1)).toMatchObject({
      method: 'cancelPlan',
      arguments: ['p1', { token: 'me' }, 'interrupted on the command line'],
    })
  })

  it('is cancelled by its id, as an operation is', async () => {
    cli.control.operations.plans.set('p1', planning())
    const { code, out } = await cli.run(['cancel', 'p1', '--reason', 'wrong pattern'])
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining('refused: cancelled by me') as string,
    })
    expect(cli.control.operations.asked.at(-1)).toMatchObject({
      arguments: ['p1', { token: 'me' }, 'wrong pattern'],
    })
  })

  it.each([
    [['--cluster', 'demo'], /missing required argument 'kind'/],
    [['k'], /required option '--cluster <name>' not specified/],
    [['k', '--cluster', 'demo', '--set', 'x'], /--set x: expected key=value/],
    [['k', '--cluster', 'demo', '--set', 'a=1', 'a=2'], /a is there twice/],
    [['k', '--cluster', 'demo', '--set', 'a=1', 'a.b=2'], /a has a value already/],
    [['k', '--cluster', 'demo', '--set', '__proto__.x=1'], /__proto__\.x is no key/],
    [['k', '--cluster', 'demo', '--spec', '/nonexistent'], /--spec \/nonexistent: no such file/],
    [['k', '--cluster', 'demo', '--spec', 'x', '--set', 'a=1'], /not both/],
    [['k', '--cluster', 'demo', '--api', 'localhost'], /--api: 'localhost' is no address/],
    [['k', '--cluster', 'demo', '--bogus'], /unknown option '--bogus'/],
  ])('exits 2 with a line on bad usage: %j', async (args, problem) => {
    const { code, out, err } = await cli.run(['plan', ...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(problem)
    expect(err).not.toContain('\n')
    expect(cli.control.operations.asked).toEqual([])
  })
})
