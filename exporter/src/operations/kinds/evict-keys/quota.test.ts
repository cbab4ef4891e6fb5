import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limitsOf, Quota } from './quota.js'

const NONE = { keys: Infinity, bytes: Infinity }

it('without caps gives what is reserved all the same, so that it is known how much at most was used', () => {
  const quota = new Quota(NONE)
  expect(quota.take({ keys: 5, bytes: 5 }, 1)).toBeUndefined()
  expect(quota.reserve({ keys: 8, bytes: 5 })).toBe(true)
  quota.confirm(quota.state.reserved)
  const taken = quota.take({ keys: 5, bytes: 5 }, 1)!
  expect(taken).toEqual({ keys: 5, bytes: Infinity })
  expect(new Quota(NONE, quota.state).unknown).toBe(8)
  quota.settle(taken, { keys: 3, bytes: 100 })
  expect(quota.unknown).toBe(0)
  expect(new Quota(NONE, quota.state).unknown).toBe(5)
  quota.settle(quota.take({ keys: 4, bytes: 1 }, 1)!, undefined)
  expect(quota.unknown).toBe(4)
  quota.giveBack()
  expect(new Quota(NONE, quota.state).unknown).toBe(4)
})

it('gives nothing before a checkpoint holds it, and what came to nothing again', () => {
  const quota = new Quota({ keys: 10, bytes: Infinity })
  expect(quota.take({ keys: 4, bytes: 1 }, 1)).toBeUndefined()
  expect(quota.reserve({ keys: 6, bytes: 6 })).toBe(true)
  expect(quota.take({ keys: 4, bytes: 1 }, 1)).toBeUndefined()
  quota.confirm(quota.state.reserved)
  const taken = quota.take({ keys: 6, bytes: 1 }, 1)!
  expect(taken.keys).toBe(6)
  expect(quota.take({ keys: 1, bytes: 1 }, 1)).toBeUndefined()
  quota.settle(taken, { keys: 2, bytes: 100 })
  expect(quota.take({ keys: 9, bytes: 1 }, 1)).toMatchObject({ keys: 4 })
})

it('a key that does not fit into the rest is not given any', () => {
  const quota = new Quota({ keys: Infinity, bytes: 10 })
  quota.reserve({ keys: 1, bytes: 100 })
  quota.confirm(quota.state.reserved)
  expect(quota.take({ keys: 1, bytes: 100 }, 11)).toBeUndefined()
  expect(quota.take({ keys: 1, bytes: 100 }, 10)).toMatchObject({ bytes: 10 })
})

/** What a run does with its quota, and a kill in between, in any order. */
const step = fc.oneof(
  fc.record({ do: fc.constant('take' as const), keys: fc.integer({ min: 1, max: 50 }) }),
  fc.record({
    do: fc.constant('settle' as const),
    used: fc.integer({ min: 0, max: 50 }),
    known: fc.boolean(),
  }),
  fc.record({ do: fc.constant('reserve' as const), keys: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('confirm' as const) }),
  fc.record({ do: fc.constant('kill' as const) }),
)

it('never lets more be used than the cap, whenever it is killed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(step, { maxLength: 100 }), (cap, steps) => {
      const limits = { keys: cap, bytes: Infinity }
      let quota = new Quota(limits)
      let durable = quota.state
      let [known, kept] = [0, 0]
      let out: { keys: number; bytes: number }[] = []
      let used = 0
      for (const one of steps) {
        if (one.do === 'take') {
          const taken = quota.take({ keys: one.keys, bytes: 1 }, 1)
          if (taken) out.push(taken)
        } else if (one.do === 'settle') {
          const taken = out.pop()
          if (!taken) continue
          const really = Math.min(one.used, taken.keys)
          used += really
          if (one.known) known += really
          quota.settle(taken, one.known ? { keys: really, bytes: 1 } : undefined)
        } else if (one.do === 'reserve') quota.reserve({ keys: one.keys, bytes: 0 })
        else if (one.do === 'confirm') {
          durable = quota.state
          kept = known
          quota.confirm(durable.reserved)
        } else {
          // What was sent may have been done to the last key.
          used += out.reduce((sum, { keys }) => sum + keys, 0)
          out = []
          quota = new Quota(limits, durable)
          known = kept
          // What is told was done, and no more than what is told to be possible.
          expect(known).toBeLessThanOrEqual(used)
          expect(used).toBeLessThanOrEqual(known + quota.unknown)
        }
        expect(used + out.reduce((sum, { keys }) => sum + keys, 0)).toBeLessThanOrEqual(cap)
      }
    }),
  )
})

it.each([
  ['nothing said', {}, [], 1_000_000, 500_000],
  ['the check overridden', {}, ['share-of-keys'], 1_000_000, Infinity],
  ['another check overridden', {}, ['settling'], 1_000_000, 500_000],
  ['a cap of its own', { keys: 7 }, [], 1_000_000, 7],
  ['a share of its own', { share: 0.1 }, [], 1_000_000, 100_000],
  ['a larger share, overridden', { share: 0.9 }, ['share-of-keys'], 1_000_000, 900_000],
  ['few keys', {}, [], 10, 20_000],
])(
  'more than the check share-of-keys allows goes only where it is overridden: %s',
  (_, limits, checks, total, keys) => {
    const blockers = checks.map((check) => ({ check, reason: 'r', todo: 't' }))
    expect(limitsOf({ limits }, { counts: { total }, blockers })).toEqual({ keys, bytes: Infinity })
  },
)
