import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import { History } from './history.js'
import type { Readout } from './readout.js'

const readout = (info: Record<string, string | number>, more: Partial<Readout['node']> = {}): Readout => ({
  node: nodeOf('a:1', more),
  values: { maxmemory: 2000 },
  info: new Map(Object.entries({ run_id: 'x', used_memory: 1000, ...info }).map(([k, v]) => [k, String(v)])),
})

describe('History', () => {
  it('knows sums at once, and rates after a while', () => {
    const history = new History()
    const first = readout({ db0: 'keys=10,expires=4,avg_ttl=0', mem_fragmentation_ratio: 1.5 })
    history.add([first], 100)
    expect(history.pressure([first], 100)).toEqual({
      usedBytes: 1000,
      maxBytes: 2000,
      notCountedBytes: 0,
      keys: 10,
      expires: 4,
      fragmentationRatio: 1.5,
    })
    const later = readout({
      used_memory: 1100,
      evicted_keys: 50,
      expired_keys: 100,
      keyspace_hits: 300,
      keyspace_misses: 100,
      cmdstat_set: 'calls=200,usec=1',
      cmdstat_get: 'calls=400,usec=1',
      errorstat_OOM: 'count=20',
    })
    expect(history.pressure([later], 200)).toMatchObject({
      spanSeconds: 100,
      evictedPerSecond: 0.5,
      expiredPerSecond: 1,
      readsPerSecond: 4,
      hitRatio: 0.75,
      writesPerSecond: 2,
      rejectedPerSecond: 0.2,
      growthBytesPerSecond: 1,
      secondsToFull: 900,
    })
  })

  it('begins anew when a node restarts, and adds up primaries only', () => {
    const history = new History()
    const replica = readout({ used_memory: 5 }, { id: 'b', role: 'replica' })
    history.add([readout({ evicted_keys: 500 }), replica], 100)
    const restarted = readout({ run_id: 'y', evicted_keys: 1 })
    expect(history.pressure([restarted, replica], 200)).not.toHaveProperty('evictedPerSecond')
    expect(history.pressure([restarted, replica], 200)).toMatchObject({ usedBytes: 1000 })
  })

  it('has no limit where one primary has none', () => {
    const unlimited = { ...readout({}, { id: 'c' }), values: { maxmemory: 0 } }
    expect(new History().pressure([readout({}), unlimited], 1).maxBytes).toBe(0)
  })
})
