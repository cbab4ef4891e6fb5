import { describe, expect, it } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'
import { planOf } from '../../../test/fakes.js'
import { evictKeysSpec } from '../../contract/kinds/evict-keys.js'
import type { Operation, Plan } from '../../contract/operations.js'
import { renderOperation, renderPlan } from './render.js'

const cli = useCliControl()

const plan: Plan = {
  ...planOf('p1', 'demo'),
  kind: 'evict-keys',
  changes: [],
  counts: { keys: 60_000, bytes: 12_582_912, nodes: 1, total: 100_000 },
  estimateSeconds: 6,
  warnings: ['60 % of all keys of the cluster go'],
  blockers: [
    { check: 'share-of-keys', reason: 'up to 61 % of all keys of the cluster would go', todo: 'narrow it' },
  ],
  sample: [{ key: 'a:\u001b[2J', type: 'hash', ttlSeconds: null, bytes: 2048 }],
  details: {
    exact: false,
    share: 0.6,
    keys: { value: 60_000, low: 59_000, high: 61_000 },
    bytes: { value: 12_582_912, low: 12_000_000, high: 13_000_000 },
    types: { string: 50_000, hash: 10_000 },
    shards: [
      {
        shard: 's1',
        node: 'a:1',
        total: 100_000,
        looked: 9600,
        keys: { value: 60_000, low: 59_000, high: 61_000 },
        bytes: { value: 12_582_912, low: 12_000_000, high: 13_000_000 },
      },
    ],
  },
}

describe('slotwise plan evict-keys', () => {
  const args = ['plan', 'evict-keys', '--cluster', 'demo']

  it('makes the spec of its flags', async () => {
    const { code, err } = await cli.run([
      ...args,
      ...['--match', 'session:*', '--types', 'string,hash', '--idle-over', '30d', '--ttl-under', '15m'],
      ...['--size-over', '1mb', '--count', 'full', '--keys-per-second', '500', '--bytes-per-second', '5mb'],
      ...['--limit-keys', '100', '--limit-bytes', '1gb', '--limit-share', '0.1', '--sample', '10', '--all'],
    ])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const { spec } = cli.control.operations.asked[0]!.arguments[0] as { spec: unknown }
    expect(spec).toEqual({
      match: 'session:*',
      types: ['string', 'hash'],
      idleOver: '30d',
      ttlUnder: '15m',
      sizeOver: 1024 ** 2,
      count: 'full',
      rate: { keysPerSecond: 500, bytesPerSecond: 5 * 1024 ** 2 },
      limits: { keys: 100, bytes: 1024 ** 3, share: 0.1 },
      verify: { sample: 10 },
      all: true,
    })
    expect(evictKeysSpec.parse(spec)).toMatchObject({ idleOver: 2_592_000, ttlUnder: 900, noTtl: false })
  })

  it.each([
    [[], /say which keys: --match/],
    [['--match', 'a', '--prefix', 'a'], /--prefix is for plan warmup; use --set for the spec of evict-keys/],
    [['--match', 'a', '--without-ttl', '--set', 'noTtl=true'], /noTtl is there twice/],
  ])('exits 2 with a line on %j', async (flags, problem) => {
    const { code, err } = await cli.run([...args, ...flags])
    expect(code).toBe(2)
    expect(err).toMatch(problem)
  })

  it('shows what goes from each shard, how sure that is, and what blocks it', () => {
    const shown = renderPlan(plan)
    expect(shown).toContain(
      'about 60,000 keys match (59,000 to 61,000), 12.0 MiB (11.4 MiB to 12.4 MiB): 60.0 % of',
    )
    expect(shown).toContain('types: 50,000 string, 10,000 hash')
    // Its details say the counts better.
    expect(shown).not.toMatch(/^60,000 keys/m)
    expect(shown).toMatch(/s1 .*a:1 .*60,000 .*59,000 - 61,000 .*12\.0 MiB .*100,000 .*9,600/)
    expect(shown).toMatch(/a: \[2J .*hash .*none .*2\.0 KiB/)
    expect(shown).toContain('there is no undo: what is unlinked is gone')
    expect(shown).toContain(
      'blocked by share-of-keys: up to 61 % of all keys of the cluster would go\n  -> narrow it',
    )
    expect(shown).not.toContain('\u001b')
    expect(renderPlan({ ...plan, details: { ...(plan.details as object), types: {} } })).not.toContain(
      'types:',
    )
  })
})

it('slotwise run says which checks it overrides', async () => {
  cli.control.operations.plans.set('p1', plan)
  const args = ['run', 'p1', '--confirm', 'demo', '--reason', 'x', '--override', 'share-of-keys']
  expect((await cli.run(args)).code).toBe(0)
  const [, request] = cli.control.operations.asked.at(-1)!.arguments as [string, { override?: string[] }]
  expect(request.override).toEqual(['share-of-keys'])
})

it('an operation tells of how many keys it is not known whether they went', () => {
  const operation: Operation = {
    ...cli.control.operations.start(plan, { token: 't' }, 'x'),
    counts: { evicted: 12_500, unknown: 2500, bytes: 0 },
  }
  expect(renderOperation(operation)).toContain('12,500 evicted, 2,500 not known whether evicted')
})

it('an operation tells what was left out and is there', () => {
  const operation: Operation = {
    ...cli.control.operations.start(plan, { token: 't' }, 'x'),
    counts: { evicted: 500, kept: 20, bytes: 1024 },
    comparison: { checked: 10, same: 8, different: 0, missing: 1, gone: 1, examples: ['a:1: was left out'] },
    after: { keys: 10, usedMemoryBytes: 2048, evictedKeys: 0, matching: 3 },
  }
  const shown = renderOperation(operation)
  expect(shown).toContain('500 evicted, 20 kept, 1.0 KiB')
  expect(shown).toContain(
    'looked again at 10 that were left out: 8 there, 1 missing, 1 expired or evicted\n  a:1',
  )
  expect(shown).toContain('after:  10 keys, 2.0 KiB used, 0 evicted, 3 match')
})
