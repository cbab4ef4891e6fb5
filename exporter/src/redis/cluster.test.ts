import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Cluster } from './cluster.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Listens and answers every pipeline of discovery with this text of CLUSTER NODES; keeps what it was sent. */
async function listen(
  host: string,
  nodes: (port: number) => string,
): Promise<{ port: number; heard: () => string }> {
  let heard = ''
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      heard += data.toString()
      const text = nodes((server.address() as AddressInfo).port)
      const commands = data.toString().match(/\*\d/g) ?? []
      const replies = data.toString().includes('AUTH')
        ? commands.map(() => '+OK\r\n')
        : [`$${text.length}\r\n${text}\r\n`, ...commands.slice(1).map(() => '-ERR unknown\r\n')]
      socket.write(replies.join(''))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return { port: (server.address() as AddressInfo).port, heard: () => heard }
}

describe('a cluster with an allow list', () => {
  it('sends neither a command nor the password to an address outside it', async () => {
    const outside = await listen('127.0.0.2', () => '')
    const seed = await listen('127.0.0.1', (port) =>
      [
        `${'a'.repeat(40)} 127.0.0.1:${port}@1 myself,master - 0 0 1 connected 0-16383`,
        `${'b'.repeat(40)} 127.0.0.2:${outside.port}@1 slave ${'a'.repeat(40)} 0 0 1 connected`,
      ].join('\n'),
    )
    const cluster = new Cluster({
      name: 'demo',
      seeds: [{ host: '127.0.0.1', port: seed.port, tls: false }],
      password: 'hunter2',
      link: {},
      allow: ['127.0.0.1/32'],
      nodeTimeoutMs: 1000,
    })
    await cluster.refresh()
    await cluster.refresh()
    expect(cluster.members.map(({ node, reader }) => [node.address, reader !== undefined])).toEqual([
      [`127.0.0.1:${seed.port}`, true],
      [`127.0.0.2:${outside.port}`, false],
    ])
    expect(() => cluster.commandLink(`127.0.0.2:${outside.port}`, 'test', 1000)).toThrow(
      /outside clusters\[\]\.allow/,
    )
    const link = cluster.commandLink(`127.0.0.1:${seed.port}`, 'test', 1000)
    link.close()
    expect(seed.heard()).toContain('hunter2')
    expect(outside.heard()).toBe('')
    cluster.close()
  })
})

describe('a cluster of which a node names nobody', () => {
  it('has not been read: that is a proxy, or no node', async () => {
    const seed = await listen('127.0.0.1', () => '')
    const cluster = new Cluster({
      name: 'demo',
      seeds: [{ host: '127.0.0.1', port: seed.port, tls: false }],
      link: {},
      allow: [],
      nodeTimeoutMs: 1000,
    })
    expect(cluster.isTried).toBe(false)
    expect(await cluster.refresh()).toBeUndefined()
    expect(cluster.isTried).toBe(true)
    expect(cluster.silent.map(({ address, error }) => [address, error])).toEqual([
      [
        `127.0.0.1:${seed.port}`,
        `127.0.0.1:${seed.port}: CLUSTER NODES: an answer without a node; is that a Redis, or a proxy?`,
      ],
    ])
    cluster.close()
  })
})

describe('a cluster whose addresses are mapped', () => {
  it('is reached where the map says, by commands too, though the allow list does not have it', async () => {
    const real = await listen(
      '127.0.0.1',
      () => `${'a'.repeat(40)} 10.9.9.9:6379@1 myself,master - 0 0 1 connected 0-16383`,
    )
    const seed = { host: 'localhost', port: real.port, tls: false }
    const cluster = new Cluster({
      name: 'demo',
      seeds: [seed],
      link: {},
      allow: ['10.0.0.0/8'],
      addresses: { '10.9.9.9:6379': `127.0.0.1:${real.port}` },
      nodeTimeoutMs: 1000,
    })
    await cluster.refresh()
    const [member] = cluster.members
    expect(member!.node).toMatchObject({
      address: `127.0.0.1:${real.port}`,
      instance: `127.0.0.1:${real.port}`,
    })
    expect(member!.reader!.link.address).toBe(`127.0.0.1:${real.port}`)
    cluster.commandLink(member!.node.address, 'test', 1000).close()
    expect(() => cluster.commandLink('127.0.0.1:1', 'test', 1000)).toThrow(/outside clusters/)
    cluster.close()
  })
})

describe('a view of more nodes than any cluster has', () => {
  it('is not followed, and says so', async () => {
    const id = (i: number) => i.toString(16).padStart(40, '0')
    const liar = await listen('127.0.0.1', (port) =>
      Array.from({ length: 5001 }, (_, i) =>
        i === 0
          ? `${id(i)} 127.0.0.1:${port}@1 myself,master - 0 0 1 connected 0-16383`
          : `${id(i)} 10.0.0.9:${i}@1 master - 0 0 1 connected`,
      ).join('\n'),
    )
    const cluster = new Cluster({
      name: 'demo',
      seeds: [{ host: '127.0.0.1', port: liar.port, tls: false }],
      link: {},
      allow: ['127.0.0.1'],
      addresses: { '10.0.0.9': 'elsewhere.test' },
      nodeTimeoutMs: 20_000,
    })
    await cluster.refresh()
    expect(cluster.members).toEqual([])
    expect(() => cluster.commandLink('elsewhere.test:7', 'slotwise/op/1', 20_000)).toThrow(/outside clusters/)
    expect(cluster.errors).toEqual([
      expect.stringMatching(/names 5001 nodes, and more than 5000 are not followed/),
    ])
    cluster.close()
  })
})
