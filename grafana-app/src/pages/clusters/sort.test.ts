import { expect, test } from 'vitest'
import type { StoredEvent } from '../../api/contract'
import { arrange, type Tile } from './sort'
import { countChanges } from './useTiles'

const tile = (name: string, more: Partial<Tile> = {}): Tile => ({
  name,
  state: 'ok',
  verdict: 'healthy',
  shards: 3,
  primaries: 3,
  replicas: 3,
  slotsCovered: 16384,
  epoch: 1,
  memory: { usedBytes: 10, maxBytes: 100 },
  operations: [],
  alerts: 0,
  scrapeAgeMs: 1000,
  changes: 0,
  keys: undefined,
  hitRatio: undefined,
  changesAtLeast: false,
  ...more,
})
const names = (tiles: readonly Tile[]) => tiles.map(({ name }) => name)

test('the worst comes first: verdict, then slots, then alerts, then memory, then the name', () => {
  const tiles = [
    tile('b'),
    tile('a'),
    tile('full', { memory: { usedBytes: 99, maxBytes: 100 } }),
    tile('alerting', { alerts: 2 }),
    tile('unknown', { verdict: 'unknown' }),
    tile('ill', { verdict: 'unhealthy' }),
    tile('holes', { verdict: 'unhealthy', slotsCovered: 9 }),
  ]
  expect(names(arrange(tiles, { order: 'worst', text: '' }))).toEqual([
    'holes',
    'ill',
    'unknown',
    'alerting',
    'full',
    'a',
    'b',
  ])
})

test('filtered by name or verdict, ordered as asked', () => {
  const tiles = [tile('cache-b', { changes: 1 }), tile('cache-a'), tile('db', { verdict: 'unhealthy' })]
  expect(names(arrange(tiles, { order: 'changes', text: 'CACHE' }))).toEqual(['cache-b', 'cache-a'])
  expect(names(arrange(tiles, { order: 'name', text: 'unhealthy' }))).toEqual(['db'])
})

test('changes of a day are counted a cluster; first sights, passing checks and older ones are not', () => {
  const event = (type: string, time: string, data: unknown = {}) =>
    ({ subject: 'cluster/demo', type: `io.slotwise.${type}`, time, data }) as StoredEvent
  const now = Date.parse('2026-01-02T12:00:00Z')
  const counts = countChanges(
    [
      event('cluster.failover', '2026-01-02T11:00:00Z'),
      event('cluster.failover', '2026-01-01T11:00:00Z'),
      event('cluster.discovered', '2026-01-02T11:00:00Z'),
      event('health.changed', '2026-01-02T11:00:00Z', { ok: true }),
      event('health.changed', '2026-01-02T11:00:00Z', { ok: false }),
    ],
    [{ cluster: 'demo', startedAt: '2026-01-02T10:00:00Z' }],
    now,
  )
  expect([...counts]).toEqual([['demo', 3]])
})
