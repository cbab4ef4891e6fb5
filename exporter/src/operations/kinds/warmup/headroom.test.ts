import { describe, expect, it } from 'vitest'
import { Headroom, memoryLook } from './headroom.js'

const MiB = 1024 ** 2
const look = (usedBytes: number, maxBytes: number, evictedKeys = 0, growthBytes = 0) => ({
  usedBytes,
  maxBytes,
  evictedKeys,
  growthBytes,
})

describe('Headroom', () => {
  it('permits nothing before the first look', () => {
    expect(new Headroom(0.9, Infinity, () => 0).allowance).toBe(0)
  })

  it('never permits more than the last look found free, less what was sent behind it', () => {
    const headroom = new Headroom(0.5, Infinity, () => 0)
    headroom.looked(look(10 * MiB, 100 * MiB), 5 * MiB)
    expect(headroom.allowance).toBe((50 - 10) * MiB * 0.5 - 5 * MiB)
    headroom.spend(MiB)
    expect(headroom.allowance).toBe((50 - 10) * MiB * 0.5 - 6 * MiB)
  })

  it('leaves the tables room to grow', () => {
    const headroom = new Headroom(0.99, Infinity, () => 0)
    headroom.looked(look(10 * MiB, 100 * MiB, 0, 80 * MiB), 0)
    expect(headroom.allowance).toBe((100 - 80 - 10) * MiB * 0.5)
  })

  it('goes by a replica that is smaller than its primary', () => {
    const headroom = new Headroom(0.5, 40 * MiB, () => 0)
    headroom.looked(look(10 * MiB, 0), 0)
    expect(headroom.allowance).toBe(5 * MiB)
  })

  it('stops when the node evicts or is out of memory, until that has been over for a while', () => {
    let now = 0
    const headroom = new Headroom(0.9, Infinity, () => now)
    headroom.looked(look(10 * MiB, 100 * MiB, 7), 0)
    expect(headroom.allowance).toBeGreaterThan(0)
    headroom.looked(look(10 * MiB, 100 * MiB, 8), 0)
    expect(headroom.allowance).toBe(0)
    expect(headroom.reason()).toContain('it evicts keys (8 so far)')
    now = 6000
    headroom.looked(look(10 * MiB, 100 * MiB, 8), 0)
    expect(headroom.allowance).toBeGreaterThan(0)
    headroom.refused()
    expect(headroom.reason()).toContain('out of memory')
    expect(headroom.allowance).toBe(0)
  })

  it('says how full a full node is', () => {
    const headroom = new Headroom(0.9, Infinity, () => 0)
    headroom.looked(look(95 * MiB, 100 * MiB), 0)
    expect(headroom.allowance).toBeLessThan(0)
    expect(headroom.reason()).toContain('(95 %), which leaves no room below limits.memoryShare 0.9')
  })
})

describe('memoryLook', () => {
  const info = new Map([
    ['used_memory', '1000'],
    ['mem_not_counted_for_evict', '100'],
    ['maxmemory', '5000'],
    ['evicted_keys', '3'],
    ['db0', 'keys=1000,expires=3,avg_ttl=0'],
  ])

  it('counts what the server counts when it evicts', () => {
    expect(memoryLook(info, false)).toEqual(look(900, 5000, 3, 0))
  })

  it('knows how much a table takes that doubles at once', () => {
    expect(memoryLook(info, true).growthBytes).toBe(16 * 1024 + 16 * 4)
  })
})
