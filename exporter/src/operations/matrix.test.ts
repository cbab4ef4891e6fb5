import { describe, expect, it, vi } from 'vitest'
import { ends, fakeKind, gate, ready, request, world } from '../../test/engine.js'
import { evictKeys } from './kinds/evict-keys/kind.js'
import { evictionPolicy } from './kinds/eviction-policy/kind.js'
import { warmup } from './kinds/warmup/kind.js'
import type { Kind } from './kind.js'

const soon = { timeout: 20_000 }
const real: Pick<Kind, 'name' | 'yieldsTo' | 'shardsOf'>[] = [
  evictionPolicy,
  warmup({ clusterOf: () => undefined, sourceOf: () => undefined, dir: '' }),
  evictKeys({ switchedAt: () => undefined }),
  { name: 'failover' },
  { name: 'rebalance' },
]

type What = 'both' | 'first waits' | 'second waits' | 'refused'
/** The second is asked for while the first works on the cluster. */
const MATRIX: readonly [first: string, second: string, what: What][] = [
  ['warmup', 'warmup', 'refused'],
  ['warmup', 'evict-keys', 'both'],
  ['warmup', 'eviction-policy', 'first waits'],
  ['warmup', 'failover', 'first waits'],
  ['warmup', 'rebalance', 'first waits'],
  ['evict-keys', 'warmup', 'both'],
  ['evict-keys', 'evict-keys', 'refused'],
  ['evict-keys', 'eviction-policy', 'first waits'],
  ['evict-keys', 'failover', 'first waits'],
  ['evict-keys', 'rebalance', 'first waits'],
  ['eviction-policy', 'warmup', 'second waits'],
  ['eviction-policy', 'evict-keys', 'second waits'],
  ['eviction-policy', 'eviction-policy', 'refused'],
  ['eviction-policy', 'failover', 'both'],
  ['eviction-policy', 'rebalance', 'both'],
  ['failover', 'warmup', 'second waits'],
  ['failover', 'evict-keys', 'second waits'],
  ['failover', 'eviction-policy', 'both'],
  ['failover', 'failover', 'refused'],
  ['failover', 'rebalance', 'both'],
  ['rebalance', 'warmup', 'second waits'],
  ['rebalance', 'evict-keys', 'second waits'],
  ['rebalance', 'eviction-policy', 'both'],
  ['rebalance', 'failover', 'both'],
  ['rebalance', 'rebalance', 'refused'],
]

/** A kind with the name and the manners of a real one, that works until the test lets it end. */
function like({ name, yieldsTo }: Pick<Kind, 'name' | 'yieldsTo'>) {
  const pieces = { done: 0 }
  const end = gate()
  const over = { yet: false }
  void end.opened.then(() => (over.yet = true))
  const kind = fakeKind({
    name,
    ...(yieldsTo && { yieldsTo }),
    run: async (_, context) => {
      while (!over.yet) {
        await context.turn()
        pieces.done++
        await new Promise((resolve) => setImmediate(resolve))
      }
      return { state: 'succeeded', summary: 'all' }
    },
  })
  return { kind, pieces, open: end.open }
}

const works = async ({ pieces }: ReturnType<typeof like>) => {
  const before = pieces.done
  await vi.waitFor(() => expect(pieces.done).toBeGreaterThan(before + 2), soon)
}

describe('the conflict matrix', () => {
  it('has every pair of kinds', () => {
    const names = real.map(({ name }) => name).sort()
    const pairs = names.flatMap((first) => names.map((second) => `${first} ${second}`))
    expect(MATRIX.map(([first, second]) => `${first} ${second}`).sort()).toEqual(pairs.sort())
  })

  it.each(MATRIX)('%s, then %s: %s', async (firstName, secondName, what) => {
    const kinds = real.map(like)
    const by = (name: string) => kinds[real.findIndex((kind) => kind.name === name)]!
    const [first, second] = [by(firstName), by(secondName)]
    const it = await world(
      undefined,
      kinds.map(({ kind }) => kind),
    )
    const plans = [await ready(it, 'demo', firstName), await ready(it, 'demo', secondName)]
    await it.engine.run(plans[0]!.id, request(plans[0]!.hash))
    await works(first)
    const running = it.engine.run(plans[1]!.id, request(plans[1]!.hash))
    if (what === 'refused') {
      await expect(running).rejects.toMatchObject({ code: 'conflict', details: { operation: plans[0]!.id } })
      await works(first)
    } else {
      await running
      const waiting = { both: undefined, 'first waits': 0, 'second waits': 1 }[what]
      for (const [i, one] of [first, second].entries()) {
        if (i !== waiting) await works(one)
        else
          await vi.waitFor(
            () =>
              expect(it.engine.getOperation(plans[i]!.id)).toMatchObject({
                state: 'paused',
                gates: [
                  `${real.find(({ name }) => name === [secondName, firstName][i])!.name} ${plans[1 - i]!.id} goes first`,
                ],
              }),
            soon,
          )
      }
    }
    for (const { open } of kinds) open()
    await ends(it.engine, plans[0]!.id)
    if (what !== 'refused') expect((await ends(it.engine, plans[1]!.id)).state).toBe('succeeded')
  })
})

describe('two runs of one kind', () => {
  const onShards = () => {
    const hold = gate()
    const fake = fakeKind({ shardsOf: ({ details }) => details.shards as string[] | undefined })
    const plan: Kind['plan'] = async (spec, context) => {
      const outcome = await fake.kind.plan({}, context)
      const { n } = spec as { n?: number }
      const shards = n === undefined ? undefined : [`s${n}`, `s${n + 1}`]
      return 'body' in outcome ? { body: { ...outcome.body, details: { shards } } } : outcome
    }
    fake.state.work = () => hold.opened
    return { fake: { ...fake, kind: { ...fake.kind, plan } }, hold }
  }

  it.each([
    ['other shards', 1, 3, true],
    ['a shard in common', 1, 2, false],
    ['shards of which the other says nothing', 1, undefined, false],
    ['nothing said by either', undefined, undefined, false],
  ])('with %s', async (_, first, second, both) => {
    const { fake, hold } = onShards()
    const it = await world(undefined, [fake])
    const plans = []
    for (const n of [first, second]) {
      const spec = n === undefined ? {} : { n }
      const { id } = await it.engine.plan({ cluster: 'demo', kind: 'fake', spec, by: { token: 't' } })
      await vi.waitFor(() => expect(it.engine.getPlan(id)?.state).toBe('ready'), soon)
      plans.push({ id, hash: it.engine.getPlan(id)!.hash! })
    }
    await it.engine.run(plans[0]!.id, request(plans[0]!.hash))
    const running = it.engine.run(plans[1]!.id, request(plans[1]!.hash))
    if (both) await running
    else await expect(running).rejects.toMatchObject({ code: 'conflict' })
    hold.open()
    await ends(it.engine, plans[0]!.id)
  })
})
