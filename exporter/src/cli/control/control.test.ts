import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Operation, Plan } from '../../contract/operations.js'
import { SCOPES } from '../../contract/tokens.js'
import { OperationError } from '../../operations/operations.js'
import { runCommand } from '../../../test/cli.js'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { NOW, planOf } from '../../../test/fakes.js'
import type { Terminal } from './terminal.js'

let control: TestControl
const directory = mkdtempSync(join(tmpdir(), 'slotwise-cli-'))
beforeAll(async () => {
  control = await startTestControl({ me: { scopes: SCOPES }, reader: { scopes: ['read'] } })
})
afterAll(async () => {
  await control.stop()
  rmSync(directory, { recursive: true })
})
afterEach(() => {
  control.operations.plans.clear()
  control.operations.operations.clear()
  control.operations.asked.length = 0
})

const run = (args: readonly string[], more: Partial<Terminal> = {}) => runCommand(control, args, more)

/** Where a bar is drawn, and what was. */
function screen() {
  const stream = new PassThrough()
  const yes = () => true
  const progress = Object.assign(stream, {
    isTTY: true,
    columns: 100,
    cursorTo: yes,
    moveCursor: yes,
    clearLine: yes,
  }) as unknown as NodeJS.WriteStream
  return { progress, drawn: () => String(stream.read()) }
}

/** The engine ends the operation with this state after it was looked at some times. */
function endAfter(looks: number, id: string, state: Operation['state']) {
  const { operations } = control.operations
  const look = operations.get.bind(operations)
  let seen = 0
  vi.spyOn(operations, 'get').mockImplementation((key) => {
    const operation = look(key)
    if (!operation || key !== id || ++seen < looks) return operation
    const entry = { time: new Date(NOW).toISOString(), type: 'operation.ended', text: `it ${state}` }
    return { ...operation, state, progress: { done: 1, total: 1 }, timeline: [...operation.timeline, entry] }
  })
}
afterEach(() => void vi.restoreAllMocks())

describe('slotwise plan', () => {
  it('asks with the values of --set and shows the difference', async () => {
    const { code, out, err } = await run([
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
    expect(control.operations.asked[0]!.arguments[0]).toMatchObject({
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
    const { code, out } = await run([
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

  it('draws a bar while it is planned', async () => {
    const states = [planning(), planning({ done: 1, total: 4 })]
    vi.spyOn(control.operations, 'getPlan').mockImplementation(() => states.shift() ?? planOf('p1', 'demo'))
    const { progress, drawn } = screen()
    const { code, out } = await run(['plan', 'eviction-policy', '--cluster', 'demo', '--wait'], { progress })
    expect(code).toBe(0)
    expect(drawn()).toMatch(/planning \[=+-+\] 25 % looked at/)
    expect(out).toContain('plan p1: eviction-policy on demo is ready')
  })

  it('cancels the plan at Ctrl-C, and exits 1', async () => {
    const { plans } = control.operations
    vi.spyOn(control.operations, 'getPlan').mockImplementation((id) => {
      const plan = plans.get(id)!
      return plan.state === 'refused' ? plan : planning()
    })
    const { code, out } = await run(['plan', 'eviction-policy', '--cluster', 'demo', '--wait'], {
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
    expect(control.operations.asked.at(-1)).toMatchObject({
      method: 'cancelPlan',
      arguments: ['p1', { token: 'me' }, 'interrupted on the command line'],
    })
  })

  it('is cancelled by its id, as an operation is', async () => {
    control.operations.plans.set('p1', planning())
    const { code, out } = await run(['cancel', 'p1', '--reason', 'wrong pattern'])
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining('refused: cancelled by me') as string,
    })
    expect(control.operations.asked.at(-1)).toMatchObject({
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
    const { code, out, err } = await run(['plan', ...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(problem)
    expect(err).not.toContain('\n')
    expect(control.operations.asked).toEqual([])
  })
})

describe('slotwise run', () => {
  const args = ['run', 'p1', '--confirm', 'demo', '--reason', 'incident 7']

  it('shows what it runs and runs that hash', async () => {
    control.operations.plans.set('p1', planOf('p1', 'demo'))
    const { code, out } = await run(args)
    expect(code).toBe(0)
    expect(out).toMatch(/noeviction[^]*operation p1: eviction-policy on demo is running/)
    expect(control.operations.asked[0]!.arguments[1]).toMatchObject({
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
    control.operations.plans.set('p1', planOf('p1', 'demo'))
    endAfter(4, 'p1', state)
    const { code, out } = await run([...args, '--hash', 'hash-of-p1', '--watch'])
    expect(code).toBe(exit)
    expect(out).toMatch(
      new RegExp(`requested by t\\n.*it ${state}\\noperation p1: .* is ${state}, 1 of 1 done`),
    )
  })

  it('shows a plan that was run as such', async () => {
    control.operations.plans.set('p1', { ...planOf('p1', 'demo'), operation: 'succeeded' })
    control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'before')
    const { code, out, err } = await run(args)
    expect(code).toBe(1)
    expect(out).toContain('plan p1: eviction-policy on demo was run: the operation is succeeded')
    expect(out).not.toContain('run it:')
    expect(err).toMatch(/a plan runs once \(409\)$/)
  })

  it('tells a stale plan with what changed and the fresh one', async () => {
    control.operations.plans.set('p1', planOf('p1', 'demo'))
    control.operations.failure = new OperationError('stale', 'it changed', {
      difference: ['a:1 maxmemory is 5'],
      freshPlan: { id: 'p2', state: 'ready' },
      problems: [{ node: 'a:1', reason: 'moved', todo: 'look' }],
    })
    const { err } = await run([...args, '--hash', 'h'])
    control.operations.failure = undefined
    expect(err.split('\n').slice(1)).toEqual([
      '  a:1: moved: look',
      '  changed since: a:1 maxmemory is 5',
      '  fresh plan: p2 (ready)',
    ])
  })

  it('tells a refusal in a line, and as JSON when asked', async () => {
    control.operations.plans.set('p1', planOf('p1', 'demo'))
    const wrong = ['run', 'p1', '--confirm', 'production', '--reason', 'x', '--hash', 'h']
    expect(await run(wrong)).toEqual({
      code: 1,
      out: '',
      err: "slotwise: The confirmation does not name the cluster: type the cluster's name, demo (400)",
    })
    const { code, out } = await run([...wrong, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ type: 'urn:slotwise:problem:wrong-confirm' })
  })
})

describe('slotwise watch', () => {
  it('draws a bar for somebody who looks', async () => {
    control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    endAfter(3, 'p1', 'succeeded')
    const { progress, drawn } = screen()
    const { code } = await run(['watch', 'p1'], { progress })
    expect(code).toBe(0)
    expect(drawn()).toMatch(/succeeded \[=+\] 1\/1 {2}it succeeded/)
  })

  it('prints a JSON document a change', async () => {
    control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    endAfter(3, 'p1', 'succeeded')
    const { out } = await run(['watch', 'p1', '--json'])
    expect(out.split('\n').map((line) => (JSON.parse(line) as Operation).state)).toEqual([
      'running',
      'succeeded',
    ])
  })

  it('goes on while the API is away', async () => {
    control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    endAfter(2, 'p1', 'succeeded')
    const real = fetch
    let calls = 0
    vi.spyOn(globalThis, 'fetch').mockImplementation((...args) =>
      ++calls === 2
        ? Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))
        : real(...args),
    )
    const { code, err } = await run(['watch', 'p1'])
    expect(code).toBe(0)
    expect(err).toMatch(/connection refused.*; trying on$/)
  })

  it('exits 1 for an operation that is not there', async () => {
    expect(await run(['watch', 'nothing'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no operation/) as string,
    })
  })
})

describe('slotwise operations, pause, resume, cancel', () => {
  it('list and command', async () => {
    expect((await run(['operations'])).out).toBe('no operations')
    control.operations.start(planOf('p1', 'demo'), { token: 't', claimedUser: 'zo\u001b[31më' }, 'x')
    const { out } = await run(['operations', '--cluster', 'demo'])
    expect(out).toMatch(/p1 .*eviction-policy .*demo .*running .*0\/1 .*t \(zo \[31më\)/)
    expect(JSON.parse((await run(['operations', '--json'])).out)).toMatchObject([{ id: 'p1' }])
    expect((await run(['pause', 'p1', '--reason', 'lunch'])).out).toContain('is paused')
    expect((await run(['resume', 'p1'])).out).toContain('is running')
    expect(JSON.parse((await run(['cancel', 'p1', '--json'])).out)).toMatchObject({ state: 'cancelled' })
    expect(control.operations.asked.map(({ method, arguments: given }) => [method, given[2]])).toEqual([
      ['pause', 'lunch'],
      ['resume', ''],
      ['cancel', ''],
    ])
  })

  it('name the missing scope', async () => {
    control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    const env = { SLOTWISE_API: control.url, SLOTWISE_TOKEN: control.tokens.reader! }
    expect(await run(['cancel', 'p1'], { env })).toMatchObject({
      code: 1,
      err: 'slotwise: The token lacks a scope: the token reader lacks the scope run (403)',
    })
  })

  it('say how to give a token, and where the API should be', async () => {
    expect((await run(['operations'], { env: { SLOTWISE_API: control.url } })).err).toMatch(/SLOTWISE_TOKEN/)
    expect(await run(['operations', '--api', 'http://127.0.0.1:1'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^slotwise: cannot reach the control API at http:\/\/127\.0\.0\.1:1: .*--api/,
      ) as string,
    })
  })
})

describe('slotwise freeze and unfreeze', () => {
  it('stops everything with a reason, says how to end it, and ends it', async () => {
    const { code, out } = await run(['freeze', '--reason', 'incident 7'])
    expect({ code, out }).toEqual({
      code: 0,
      out: "operations are frozen by me: incident 7\nend it: slotwise unfreeze --reason '...'",
    })
    expect(control.operations.frozen).toMatchObject({ on: true, reason: 'incident 7' })
    const ended = await run(['unfreeze', '--reason', 'over'])
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('no longer frozen') as string })
    expect(control.operations.frozen).toMatchObject({ on: false, reason: 'over' })
  })

  it('needs a reason, and the scope admin', async () => {
    expect((await run(['freeze'])).code).toBe(2)
    const env = { SLOTWISE_API: control.url, SLOTWISE_TOKEN: control.tokens.reader! }
    expect(await run(['freeze', '--reason', 'x'], { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('admin') as string,
    })
  })
})

describe('slotwise events', () => {
  const append = (shard: string, cluster = 'demo') =>
    control.log.append([
      {
        stream: `cluster/${cluster}`,
        events: [{ type: 'cluster.failover', data: { shard, from: 'a', to: 'b' } }],
      },
    ])

  it('shows the newest, filtered', async () => {
    for (let i = 0; i < 5; i++) await append(`s${i}`)
    await append('x', 'other')
    const { code, out } = await run([
      'events',
      '--cluster',
      'demo',
      '--type',
      'cluster.failover',
      '--limit',
      '2',
    ])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^\S+ \S+Z {2}cluster\.failover +cluster\/demo {2}failover of shard s3: b took over from a\n.* shard s4: .*$/,
    )
    const json = await run(['events', '--limit', '1', '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ subject: 'cluster/other' })
    expect((await run(['events', '--limit', 'x'])).code).toBe(2)
    const unknown = await run(['events', '--type', 'nosuch'])
    expect(unknown).toMatchObject({ code: 2, out: '' })
    expect(unknown.err).toMatch(/there is no 'nosuch'; there are cluster\.discovered, .*operation\.ended/)
    expect((await run(['events', '--type', 'io.slotwise.cluster.failover'])).code).toBe(0)
  })

  it('--follow goes on with what comes', async () => {
    const lines: string[] = []
    const own = await startTestControl({ me: { scopes: SCOPES } })
    const following = run(['events', '--follow', '--limit', '0'], {
      env: { SLOTWISE_API: own.url, SLOTWISE_TOKEN: own.tokens.me! },
      print: (text) => lines.push(text),
    })
    const events = [{ type: 'cluster.failover' as const, data: { shard: 's', from: 'a', to: 'b' } }]
    await vi.waitFor(async () => {
      await own.log.append([{ stream: 'cluster/demo', events }])
      expect(lines.length).toBeGreaterThan(0)
    })
    await own.stop()
    // The API is gone for good: it gives up at last.
    expect((await following).code).toBe(1)
    expect(lines[0]).toContain('cluster.failover')
  })
})

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
    const { code, out } = await run([...command, '--help'])
    expect(code).toBe(0)
    expect(out).toContain('--json')
  })

  it.each([[['token']], [['token', 'old']]])('%j exits 2 with a line', async (args) => {
    const { code, out, err } = await run(args)
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 1 })
  })

  it('openapi prints the description', async () => {
    expect(JSON.parse((await run(['openapi'])).out)).toMatchObject({ openapi: '3.1.0' })
  })
})
