import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { NOTHING, type KeyOptions } from './key-query.js'
import { KeyReader } from './key-reader.js'
import { RawLink } from './raw-link.js'
import type { NodeFacts } from './readings.js'

const query = { ...NOTHING, counts: [{ db: 0, key: 'a*' }] }
const context = {
  facts: { mode: 'cluster', version: 700, runId: '' } as NodeFacts,
  isReplica: false,
  databases: 1,
  used: [0],
}
const open: (() => void)[] = []

afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A node that answers `reply`, by the first word of a command, and keeps what came. */
async function node(host: string, reply: Record<string, () => string>) {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
    socket.on('data', (data) => {
      for (const command of data.toString('latin1').split(/(?=\*\d+\r\n)/)) {
        const word = command.split('\r\n')[2]!
        seen.push(word)
        socket.write(reply[word]?.() ?? '+OK\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { seen, sockets, port: (server.address() as AddressInfo).port }
}

const SCAN = () => '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n'
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`

/** A look at the node of `port`, whose cluster has one more node. */
async function lookAt(options: Pick<KeyOptions, 'mayAsk'>) {
  const other = await node('localhost', { SCAN })
  let lines: string[] = []
  const own = await node('127.0.0.1', { SCAN, CLUSTER: () => bulk(lines.join('\n')) })
  const mine = `${'a'.repeat(40)} 127.0.0.1:${own.port}@1 myself,master - 0 0 1 connected 0-99`
  const others = `${'b'.repeat(40)} localhost:${other.port}@1 master - 0 0 1 connected 100-16383`
  lines = [mine, others]
  const link = new RawLink({ host: '127.0.0.1', port: own.port, tls: false, password: 'secret' })
  open.push(() => link.close())
  const reader = new KeyReader(link, query, {
    batchSize: 10,
    values: false,
    streamConsumers: false,
    maxGroups: 10,
    skipPrimaries: false,
    query,
    ...options,
  })
  const look = async () => (await reader.read(20_000, context)).get('count_keys')!
  return { look, other, leave: () => (lines = [mine.replace('0-99', '0-16383')]) }
}

describe('the keys of a cluster', () => {
  it('are those of the node itself unless it stands for the cluster', async () => {
    const { look, other } = await lookAt({})
    const { error, frames } = await look()
    expect(error).toBeUndefined()
    expect(String(frames[0])).toContain('"count":1')
    expect(other.seen).toEqual([])
  })

  it('are those of every node, and one that has left is let go', async () => {
    const { look, other, leave } = await lookAt({ mayAsk: () => true })
    expect(String((await look()).frames[0])).toContain('"count":1')
    expect(other.seen).toContain('SCAN')
    expect(other.sockets.size).toBe(1)
    leave()
    await look()
    await expect.poll(() => other.sockets.size, { timeout: 20_000 }).toBe(0)
  })

  it('are not looked for at a node outside the allow list, which gets no password either', async () => {
    const { look, other } = await lookAt({ mayAsk: (host) => host === '127.0.0.1' })
    const { error } = await look()
    expect(error).toMatch(/^localhost:\d+: the cluster names this node, but it is outside --scrape\.allow/)
    expect(other.seen).toEqual([])
  })
})
