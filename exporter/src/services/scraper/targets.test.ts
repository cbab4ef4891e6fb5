import { describe, expect, it, vi } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import { Cluster } from '../../redis/cluster.js'
import { parseEndpoint, type Endpoint } from '../../redis/endpoint.js'
import { NodeReader } from '../../redis/node-reader.js'
import { RawLink } from '../../redis/raw-link.js'
import { Targets } from './targets.js'

const connect = (endpoint: Endpoint) => new NodeReader(new RawLink(endpoint))
const single = connect(parseEndpoint('redis://10.0.0.1:6379'))

function clusterWith(address: string, instance: string, reader: NodeReader | undefined): Cluster {
  const cluster = new Cluster({ name: 'demo', seeds: [], link: {}, allow: [], nodeTimeoutMs: 1000 })
  cluster.members = [{ node: nodeOf(address, { instance }), reader }]
  return cluster
}

const targets = (
  clusters: Cluster[] = [],
  allowed: (host: string) => boolean = (host) => host === '10.9.9.9',
) => new Targets({ clusters, single, allowed, connect, knowsUser: ({ username }) => username === 'bob' })

describe('Targets', () => {
  it('finds the configured node however it is written', () => {
    for (const target of [
      '10.0.0.1',
      '10.0.0.1:6379',
      'redis://10.0.0.1:6379',
      'valkey://user:pw@10.0.0.1',
    ]) {
      expect(targets().find(target)).toBe(single)
    }
  })

  it('finds the nodes of a cluster by address and by name', () => {
    const reader = connect(parseEndpoint('10.0.0.2:7000'))
    const found = targets([clusterWith('10.0.0.2:7000', 'redis-0.internal:7000', reader)])
    expect(found.find('redis://10.0.0.2:7000')).toBe(reader)
    expect(found.find('redis-0.internal:7000')).toBe(reader)
  })

  it('reads no node outside clusters[].allow, and says so', async () => {
    const found = targets([clusterWith('10.0.0.2:7000', '10.0.0.2:7000', undefined)]).find('10.0.0.2:7000')
    expect((await found.read(1000)).error).toMatch(/outside clusters\[\]\.allow, so it is not contacted/)
  })

  it('knows why a seed of a cluster that was never read is no help, and forgets it afterwards', async () => {
    const seeds = ['10.0.0.2:7000', '10.0.0.3:7000'].map(parseEndpoint)
    const cluster = new Cluster({ name: 'demo', seeds, link: {}, allow: [], nodeTimeoutMs: 1000 })
    const found = (target: string) => targets([cluster]).find(target)
    expect(() => found('10.0.0.2:7000')).toThrow(/cluster demo is being read for the first time/)
    cluster.errors = ['10.0.0.2:7000: AUTH: WRONGPASS no']
    expect((await found('redis://10.0.0.2:7000').read(1000)).error).toBe('10.0.0.2:7000: AUTH: WRONGPASS no')
    const nothing = { viewsRead: 0, views: 0, slotsCovered: 0, slotsMigrating: 0, failovers: 0, at: 0 }
    cluster.reading = { name: 'demo', nodes: [], ...nothing }
    expect(() => found('10.0.0.2:7000')).toThrow(/no node of a configured cluster/)
  })

  it('keeps one link to an allowed host', () => {
    const found = targets()
    expect(found.find('10.9.9.9:1')).toBe(found.find('redis://10.9.9.9:1'))
    expect(found.find('10.9.9.9:2')).not.toBe(found.find('10.9.9.9:1'))
  })

  it('keeps a user for whom there is a password, and no other, and no password', () => {
    const found = targets()
    const linkTo = (target: string) => {
      const reader = found.find(target)
      return reader instanceof NodeReader ? reader.link.endpoint : undefined
    }
    expect(linkTo('redis://bob:pw@10.9.9.9:1')).toEqual({
      host: '10.9.9.9',
      port: 1,
      tls: false,
      username: 'bob',
    })
    expect(linkTo('redis://eve:pw@10.9.9.9:1')).toEqual({ host: '10.9.9.9', port: 1, tls: false })
    expect(found.find('redis://bob@10.9.9.9:1')).not.toBe(found.find('redis://10.9.9.9:1'))
  })

  it('lets every link connect at once again', () => {
    const found = targets([], () => true)
    for (const port of [1, 2]) found.find(`10.1.0.0:${port}`)
    const retried = vi.spyOn(RawLink.prototype, 'retrySoon')
    found.retrySoon()
    const addresses = retried.mock.contexts.map((link) => (link as RawLink).address)
    retried.mockRestore()
    expect(addresses).toEqual(['10.1.0.0:1', '10.1.0.0:2'])
  })

  it('closes the link that was used the longest ago', () => {
    const found = targets([], () => true)
    const closed = vi.spyOn(RawLink.prototype, 'close')
    found.find('10.1.0.0:1')
    for (let port = 2; port < 1001; port++) found.find(`10.1.0.0:${port}`)
    expect(closed).not.toHaveBeenCalled()
    found.find('10.1.0.0:1001')
    expect(closed.mock.contexts.map((link) => (link as RawLink).address)).toEqual(['10.1.0.0:1'])
    closed.mockRestore()
  })

  it.each([
    [null, 400, /parameter is missing/],
    ['', 400, /parameter is missing/],
    ['http://x', 400, /unknown scheme/],
    ['10.8.8.8:6379', 403, /no node of a configured cluster; .* add 10\.8\.8\.8 to --scrape\.allow/],
    ['169.254.169.254', 403, /--scrape\.allow/],
    ['unix:///run/redis.sock', 403, /add unix:\/\/\/run\/redis\.sock to --scrape\.allow/],
  ])('refuses %s', (target, status, message) => {
    expect(() => targets().find(target)).toThrow(
      expect.objectContaining({ status, message: expect.stringMatching(message) as string }) as Error,
    )
  })
})
