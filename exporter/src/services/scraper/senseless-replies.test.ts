import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { assemble } from '../../exposition/page.js'
import { NodeReader } from '../../redis/node-reader.js'
import { RawLink } from '../../redis/raw-link.js'
import { readingRules, STANDARD_READ_OPTIONS } from '../../redis/readings.js'
import { NodePage } from './node-page.js'

const servers: Server[] = []
const sockets = new Set<Socket>()
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

/** A node that has its facts in order and answers everything else with the same bytes. */
async function senseless(facts: string, bytes: Buffer): Promise<number> {
  const text = `${facts}\r\nrun_id:0123456789abcdef\r\nrole:master\r\n`
  const known = Buffer.from(`$${text.length}\r\n${text}\r\n`)
  const isKnown = (command: string) => /^\*1\r\n\$4\r\nINFO|\r\n(default|ALL)\r\n/.test(command)
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.on('data', (data) => {
      const commands = data.toString('latin1').split(/(?=\*\d+\r\n)/)
      socket.write(Buffer.concat(commands.map((command) => (isKnown(command) ? known : bytes))))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const engines = [
  'redis_version:6.2.14',
  'redis_version:8.4.0',
  'redis_version:7.2.4\r\nvalkey_version:9.0.0',
].flatMap((version) =>
  ['redis_mode:standalone', 'redis_mode:sentinel', 'redis_mode:cluster\r\ncluster_enabled:1'].map(
    (mode) => `${version}\r\n${mode}`,
  ),
)

describe('a node that answers all but INFO', () => {
  it.each([
    ':no number',
    '*1\r\n:no number',
    '+OK',
    ':7',
    '$-1',
    '*-1',
    '*0',
    '$0\r\n',
    '$6\r\n\0\xff:1=2',
    '*1\r\n*-1',
    '*2\r\n+dir\r\n*1\r\n:no number',
    '*1\r\n*2\r\n$4\r\nname\r\n*1\r\n+name',
    '*4\r\n+dir\r\n+/\r\n+dbfilename\r\n:1',
    '-',
    '-ERR',
  ])('with %j is up: it costs the collectors, and no number is made of it', async (bytes) => {
    for (const facts of engines) {
      const port = await senseless(facts, Buffer.from(`${bytes}\r\n`, 'latin1'))
      const link = new RawLink({ host: '127.0.0.1', port, tls: false })
      const reader = new NodeReader(link, {
        ...STANDARD_READ_OPTIONS,
        collectors: new Set(readingRules.map(({ name }) => name)),
        scripts: new Map([['one', 'return 1']]),
        configAll: true,
        rdbFile: true,
      })
      const page = new NodePage([], 'redis', { configMetrics: true, clientPort: true, sentinelPeers: true })
      for (let time = 0; time < 2; time++) {
        const pages = page.update(await reader.read(20_000))
        const text = Array.from(assemble(pages, 'redis'), String).join('')
        expect(text).toContain('redis_up 1\n')
        expect(text).not.toMatch(/ (?:NaN|undefined|null|)$/m)
      }
      link.close()
    }
  })
})
