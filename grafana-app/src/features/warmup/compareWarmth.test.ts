import { expect, test } from 'vitest'
import { compareWarmth } from './compareWarmth'

const of = (values: Record<string, number>) =>
  Object.entries(values).map(([redis_cluster, value]) => ({ labels: { redis_cluster }, value }))
const nothing = { keys: [], used: [], limit: [], hitRatio: [] }

test('the cluster in question first, then the others, most keys first', () => {
  const rows = compareWarmth('b', { ...nothing, keys: of({ a: 5, b: 10, c: 20 }) })
  expect(rows.map(({ name }) => name)).toEqual(['b', 'c', 'a'])
})

test.each([
  [{ cold: 0, demo: 60_000 }, 'cold: 0 % of the keys of demo'],
  [{ cold: 15_000, demo: 60_000, small: 3 }, 'cold: 25 % of the keys of demo'],
  [{ cold: 59_000, demo: 60_000 }, undefined],
  [{ cold: 5 }, undefined],
  [{ cold: 5, demo: 0 }, undefined],
])('keys %j: %s', (keys, said) => {
  expect(compareWarmth('cold', { ...nothing, keys: of(keys) })[0]?.cold).toBe(said)
})

test('what Prometheus does not know is not made up', () => {
  expect(compareWarmth('cold', { ...nothing, hitRatio: of({ cold: 0.5 }) })).toEqual([
    { name: 'cold', keys: undefined, used: undefined, limit: undefined, hitRatio: 0.5, cold: undefined },
  ])
  expect(compareWarmth('cold', nothing)).toEqual([])
  const [unread] = compareWarmth('cold', { ...nothing, keys: of({ demo: 9 }), hitRatio: of({ cold: 0.5 }) })
  expect(unread).toMatchObject({ name: 'cold', keys: undefined, cold: undefined })
})
