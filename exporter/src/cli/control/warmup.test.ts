import { describe, expect, it, vi } from 'vitest'
import { screen, useCliControl } from '../../../test/cli-control.js'
import { NOW, planOf } from '../../../test/fakes.js'
import { warmupSpec } from '../../contract/kinds/warmup.js'
import type { NodeProgress, Operation, Plan } from '../../contract/operations.js'
import { count, duration, size } from './figures.js'
import { renderOperation, renderPlan } from './render.js'

const cli = useCliControl()

const plan: Plan = {
  ...planOf('p1', 'demo'),
  kind: 'warmup',
  changes: [],
  counts: { keys: 60_000, bytes: 12_582_912, nodes: 3 },
  estimateSeconds: 75,
  warnings: [],
  keyPrefixes: ['a:', 'b:'],
  sample: [{ key: 'a:\u001b[2J', type: 'hash', ttlSeconds: null, bytes: 2048 }],
  details: {
    source: { description: 'cluster other' },
    transfer: 'restore',
    why: 'it is safe',
    types: { string: 50_000, hash: 10_000 },
    shards: [
      {
        shard: 's1',
        node: 'a:1',
        role: 'primary',
        keys: 60_000,
        bytes: 12_582_912,
        usedBytes: 1_048_576,
        maxBytes: 0,
        headroomBytes: 0,
        fits: true,
      },
    ],
  },
}

const node = (name: string, done: number, more: Partial<NodeProgress> = {}): NodeProgress => ({
  node: name,
  outcome: 'working',
  note: '',
  done,
  total: 1000,
  counts: { read: done, written: done, failed: 0 },
  ...more,
})

/** Looked at again and again, it goes on from one of these to the next. */
function goesOn(...steps: readonly Partial<Operation>[]) {
  const first = cli.control.operations.start(plan, { token: 't' }, 'x')
  let looks = 0
  vi.spyOn(cli.control.operations.operations, 'get').mockImplementation(() => ({
    ...first,
    ...steps[Math.min(looks++, steps.length - 1)],
  }))
}

const STEPS: readonly Partial<Operation>[] = [0, 500, 1000].map((done) => ({
  nodes: [node('src:1', done), node('dst:1', done, { shard: 's1', total: undefined! })],
  progress: { done, total: 1000 },
  counts: { written: done },
  etaSeconds: 7,
}))
const ENDED: Partial<Operation> = {
  ...STEPS[2],
  state: 'succeeded',
  summary: 'all there',
  timeline: [{ time: new Date(NOW).toISOString(), type: 'operation.ended', text: 'succeeded: all there' }],
}

describe('slotwise plan warmup', () => {
  const args = ['plan', 'warmup', '--cluster', 'demo']

  it('makes the spec of its flags', async () => {
    const { code, err } = await cli.run([
      ...args,
      ...['--from-cluster', 'other', '--match', 'user:*', '--prefix', 'user:', '--types', 'string,hash'],
      ...['--keys-per-second', '500', '--bytes-per-second', '5mb', '--conflict', 'replace'],
      ...['--limit-keys', '100', '--limit-bytes', '1gb', '--memory-share', '0.5', '--sample', '10'],
      ...['--ttl-jitter', '20', '--restore', 'trusted', '--set', 'ttl.maxSeconds=60'],
    ])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const { spec } = cli.control.operations.asked[0]!.arguments[0] as { spec: unknown }
    expect(spec).toEqual({
      source: { type: 'cluster', name: 'other' },
      select: { match: 'user:*', prefix: 'user:', types: ['string', 'hash'] },
      rate: { keysPerSecond: 500, bytesPerSecond: 5 * 1024 ** 2 },
      conflict: 'replace',
      limits: { keys: 100, bytes: 1024 ** 3, memoryShare: 0.5 },
      verify: { sample: 10 },
      ttl: { jitterPercent: 20, maxSeconds: 60 },
      restore: 'trusted',
    })
    expect(warmupSpec.safeParse(spec).success).toBe(true)
  })

  it.each([
    [['--from-source', 'old'], { type: 'redis', name: 'old' }],
    [['--from-file', 'a/b.jsonl'], { type: 'file', path: 'a/b.jsonl' }],
  ])('takes a source by %j', async (flags, source) => {
    expect((await cli.run([...args, ...flags])).code).toBe(0)
    expect(cli.control.operations.asked[0]!.arguments[0]).toMatchObject({ spec: { source } })
  })

  it.each([
    [['--from-cluster', 'a', '--from-file', 'b'], /--from-file: source is there twice/],
    [['--match', 'a', '--set', 'select.match=b'], /--set select\.match=b: select\.match is there twice/],
    [['--keys-per-second', 'many'], /--keys-per-second: 'many' is not a number/],
    [['--bytes-per-second', '5 mb'], /--bytes-per-second: '5 mb' is not bytes/],
    [['--from-file', 'x', '--spec', 'y'], /give --from-file or --spec, not both/],
    [[], /say where to copy from: --from-cluster, --from-source or --from-file/],
  ])('exits 2 with a line on %j', async (flags, problem) => {
    const { code, out, err } = await cli.run([...args, ...flags])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(problem)
    expect(err).not.toContain('\n')
    expect(cli.control.operations.asked).toEqual([])
  })

  it('keeps its flags from other kinds', async () => {
    const { code, err } = await cli.run(['plan', 'eviction-policy', '--cluster', 'demo', '--prefix', 'a'])
    expect(code).toBe(2)
    expect(err).toContain('--prefix is for plan warmup; use --set for the spec of eviction-policy')
  })

  it('shows how it fits, what comes and from where', () => {
    const shown = renderPlan(plan)
    expect(shown).toContain('only keys that start with a: or b:')
    expect(shown).toContain('60,000 keys, 12.0 MiB, 3 nodes')
    expect(shown).toContain('takes about 1 min 15 s')
    expect(shown).toContain('from cluster other, by DUMP and RESTORE: it is safe')
    expect(shown).toContain('50,000 string, 10,000 hash')
    expect(shown).toMatch(/s1 .*a:1 .*60,000 .*12\.0 MiB .*1\.0 MiB .*no limit .*yes/)
    expect(shown).toMatch(/a: \[2J .*hash .*none .*2\.0 KiB/)
    expect(shown).not.toContain('nothing to change')
    expect(shown).not.toContain('\u001b')
  })
})

describe('an operation that counts', () => {
  it('shows rate, counts a node, measurements and comparison', () => {
    goesOn({})
    const operation = {
      ...cli.control.operations.getOperation('p1')!,
      ...STEPS[1],
      rate: { keysPerSecond: 500, bytesPerSecond: 1024 },
      before: { keys: 0, usedMemoryBytes: 1024, evictedKeys: 0, keyspaceHits: 1, keyspaceMisses: 3 },
      after: { keys: 500, usedMemoryBytes: 2048, evictedKeys: 0, keyspaceHits: 10, keyspaceMisses: 4 },
      comparison: { checked: 10, same: 9, different: 1, missing: 0, gone: 0, examples: ['a:1: another TTL'] },
    }
    const shown = renderOperation(operation)
    expect(shown).toContain('500 of 1,000 done, 7 s left')
    expect(shown).toContain('at most 500 keys/s, 1.0 KiB/s')
    expect(shown).toMatch(/src:1 .*working .*500\/1,000 .*500 read, 500 written/)
    expect(shown).not.toContain('0 failed')
    expect(shown).toContain('before: 0 keys, 1.0 KiB used, 0 evicted\n')
    expect(shown).toContain('after:  500 keys, 2.0 KiB used, 0 evicted\n')
    expect(shown).toContain('compared 10 with the source: 9 same, 1 different, 0 missing\n  a:1: another TTL')
  })
})

describe('slotwise watch of an operation that counts', () => {
  it('draws a bar for the whole and for each node', async () => {
    goesOn(...STEPS, ENDED)
    const { progress, drawn: shown } = screen(200)
    expect((await cli.run(['watch', 'p1'], { progress })).code).toBe(0)
    const drawn = shown()
    expect(drawn).toMatch(/succeeded \[=+\] 1,000\/1,000 {2}all there/)
    expect(drawn).toMatch(/src:1 +\[=+\] 1,000\/1,000 {2}1,000 written/)
    expect(drawn).toMatch(/dst:1 +1,000 written/)
  })

  it('says each tenth in a line where nobody looks', async () => {
    goesOn(...STEPS, ENDED)
    const { code, out } = await cli.run(['watch', 'p1'])
    expect(code).toBe(0)
    expect(out).toMatch(/^500 of 1,000, [\d,]+ keys\/s, 7 s left$/m)
    expect(out.match(/^1,000 of 1,000/gm)).toHaveLength(1)
    expect(out).toMatch(/succeeded: all there$/m)
  })
})

describe('slotwise rate', () => {
  it('changes what is given', async () => {
    goesOn({})
    vi.restoreAllMocks()
    const { code } = await cli.run(['rate', 'p1', '--keys-per-second', '50'])
    expect(code).toBe(0)
    expect(cli.control.operations.asked[0]).toMatchObject({
      method: 'setRate',
      arguments: ['p1', { token: 'me' }, { keysPerSecond: 50 }],
    })
  })

  it.each([
    [[], /give --keys-per-second, --bytes-per-second or both/],
    [['--bytes-per-second', 'x'], /--bytes-per-second: 'x' is not bytes/],
  ])('exits 2 with a line on %j', async (flags, problem) => {
    const { code, err } = await cli.run(['rate', 'p1', ...flags])
    expect(code).toBe(2)
    expect(err).toMatch(problem)
    expect(cli.control.operations.asked).toEqual([])
  })
})

describe('figures', () => {
  it.each([
    [count(1234567.8), '1,234,568'],
    [size(0), '0 B'],
    [size(1023), '1023 B'],
    [size(1536), '1.5 KiB'],
    [size(3 * 1024 ** 4), '3.0 TiB'],
    [duration(0.2), '1 s'],
    [duration(60), '1 min 0 s'],
    [duration(7500), '2 h 5 min'],
  ])('%s is %s', (shown, expected) => expect(shown).toBe(expected))
})
