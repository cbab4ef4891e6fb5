import { describe, expect, it } from 'vitest'
import { mergeViews, type Memory } from './cluster-merge.js'
import type { ClusterNode } from './replies.js'
import { parseClusterNodes } from './topology.js'

const nothing: Memory = { known: new Map(), shardIds: new Map() }
const options = { now: 1000, retentionSeconds: 3600, preferHostnames: false }
const views = (...texts: string[][]) => texts.map((lines) => parseClusterNodes(lines.join('\n')))
const remember = (nodes: ClusterNode[], at = 1000): Memory => ({
  known: new Map(nodes.map((node) => [node.id, { node, at }])),
  shardIds: new Map(),
})

const b = 'bbb 10.0.0.2:7000@17000 master - 0 0 2 connected 0-100'
const a = 'aaa 10.0.0.1:7000@17000 slave bbb 0 0 2 connected'

describe('mergeViews', () => {
  it('names a shard after its smallest node id', () => {
    expect(mergeViews(views([a, b]), nothing, options).map(({ id, shard }) => [id, shard])).toEqual([
      ['bbb', 'aaa'],
      ['aaa', 'aaa'],
    ])
  })

  it("prefers the engine's shard id, whoever of the shard told it", () => {
    const memory = { ...nothing, shardIds: new Map([['aaa', 'engine-id']]) }
    expect(mergeViews(views([a, b]), memory, options).map(({ shard }) => shard)).toEqual([
      'engine-id',
      'engine-id',
    ])
  })

  it('keeps the name of a shard through a failover', () => {
    const before = remember(mergeViews(views([a, b]), nothing, options))
    const promoted = 'aaa 10.0.0.1:7000@17000 master - 0 0 3 connected 0-100'
    const failed = 'bbb 10.0.0.2:7000@17000 master,fail - 0 0 2 disconnected'
    const during = mergeViews(views([promoted, failed]), before, options)
    expect(during.map(({ shard }) => shard)).toEqual(['aaa', 'aaa'])
    const back = 'bbb 10.0.0.2:7000@17000 slave aaa 0 0 3 connected'
    expect(mergeViews(views([promoted, back]), remember(during), options).map(({ shard }) => shard)).toEqual([
      'aaa',
      'aaa',
    ])
  })

  it('gives a primary of its own that left its shard a name of its own', () => {
    const before = remember(mergeViews(views([a, b]), nothing, options))
    const split = 'aaa 10.0.0.1:7000@17000 master - 0 0 3 connected 101-200'
    const nodes = mergeViews(views([split, b]), before, options)
    expect(new Set(nodes.map(({ shard }) => shard)).size).toBe(2)
  })

  it('adds nodes that only another view knows', () => {
    const c = 'ccc 10.0.0.3:7000@17000 master - 0 0 3 connected'
    expect(mergeViews(views([a, b], [a, b], [a, b, c]), nothing, options).map(({ id }) => id)).toContain(
      'ccc',
    )
  })

  it('leaves out nodes in handshake and nodes without an address', () => {
    const handshake = 'ddd 10.0.0.4:7000@17000 handshake - 0 0 0 disconnected'
    const nowhere = 'eee :0@0 master,noaddr - 0 0 0 disconnected'
    expect(mergeViews(views([a, b, handshake, nowhere]), nothing, options)).toHaveLength(2)
  })

  it('keeps a forgotten node for an hour', () => {
    const memory = remember(mergeViews(views([a, b]), nothing, options))
    const hourLater = (now: number) =>
      mergeViews(views([b]), memory, { ...options, now }).find(({ id }) => id === 'aaa')
    expect(hourLater(1000 + 3599)).toMatchObject({ instance: '10.0.0.1:7000', flags: ['forgotten'] })
    expect(hourLater(1000 + 3601)).toBeUndefined()
  })

  it('shows one node an instance when a node came back under a new id', () => {
    const reborn = 'fff 10.0.0.1:7000@17000 slave bbb 0 0 2 connected'
    const old = 'aaa 10.0.0.1:7000@17000 slave,fail bbb 0 0 2 disconnected'
    const nodes = mergeViews(views([old, b, reborn]), nothing, options)
    expect(nodes.filter(({ instance }) => instance === '10.0.0.1:7000').map(({ id }) => id)).toEqual(['fff'])
  })

  it('counts the views whose link to a node is down', () => {
    const cut = a.replace('connected', 'disconnected')
    const nodes = mergeViews(views([a, b], [cut, b], [cut, b]), nothing, options)
    expect(nodes.find(({ id }) => id === 'aaa')?.linksDown).toBe(2)
  })

  it('calls a node by its announced host name, and reaches it by it when asked to', () => {
    const named = b.replace('@17000', '@17000,redis-b.internal')
    const node = (preferHostnames: boolean) =>
      mergeViews(views([named]), nothing, { ...options, preferHostnames })[0]
    expect(node(false)).toMatchObject({ instance: 'redis-b.internal:7000', address: '10.0.0.2:7000' })
    expect(node(true)).toMatchObject({ instance: 'redis-b.internal:7000', address: 'redis-b.internal:7000' })
  })

  it('falls back to the address where two nodes announce the same name', () => {
    const same = [a, b].map((line) => line.replace('@17000', '@17000,lb.internal'))
    expect(mergeViews(views(same), nothing, options).map(({ instance }) => instance)).toEqual([
      '10.0.0.2:7000',
      '10.0.0.1:7000',
    ])
  })
})
