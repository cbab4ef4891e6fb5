import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOTHING, type KeyOptions } from './key-query.js'
import { NodeReader } from './node-reader.js'
import { RawLink } from './raw-link.js'
import { STANDARD_READ_OPTIONS, type ReadOptions } from './readings.js'

const INFO = 'redis_version:7.0.15\r\nrun_id:0123456789abcdef0123456789abcdef01234567\r\nrole:master\r\n'
const dir = mkdtempSync(join(tmpdir(), 'slotwise-faults-'))
const servers: Server[] = []
const sockets = new Set<Socket>()
const inDir = (file: string) => join(dir, file)

beforeAll(() => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=ca',
    '-keyout',
    inDir('ca.key'),
    '-out',
    inDir('ca.pem'),
  )
  openssl('req', ...key, '-subj', '/CN=redis.test', '-keyout', inDir('key.pem'), '-out', inDir('csr.pem'))
  writeFileSync(inDir('names'), 'subjectAltName=DNS:redis.test')
  const signed = [
    '-CA',
    inDir('ca.pem'),
    '-CAkey',
    inDir('ca.key'),
    '-CAcreateserial',
    '-extfile',
    inDir('names'),
  ]
  for (const [file, days] of [
    ['cert.pem', '2'],
    ['expired.pem', '-1'],
  ] as const)
    openssl('x509', '-req', '-in', inDir('csr.pem'), ...signed, '-days', days, '-out', inDir(file))
}, 60_000)
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
  rmSync(dir, { recursive: true, force: true })
})

type Behave = (socket: Socket) => void

/** Answers each command with what `reply` says to it. */
function answering(reply: (command: string) => string): Behave {
  return (socket) =>
    socket.on('data', (data) => {
      for (const command of data.toString('latin1').split(/(?=\*\d+\r\n)/)) socket.write(reply(command))
    })
}
const knowing = (command: string) =>
  command.includes('INFO') && !command.includes('CLUSTER')
    ? `$${INFO.length}\r\n${INFO}\r\n`
    : '-ERR unknown\r\n'
const refusing = (error: string) => answering(() => `-${error}\r\n`)
const writing =
  (text: string): Behave =>
  (socket) =>
    socket.on('data', () => socket.write(text))
const plain = (behave: Behave) => () => createServer(behave)
const tls =
  (cert: string, more: object = {}) =>
  () =>
    createTlsServer(
      { cert: readFileSync(inDir(cert)), key: readFileSync(inDir('key.pem')), ...more },
      answering(knowing),
    )

interface Fault {
  readonly server: () => Server
  /** How it is spoken to; plainly unless given. */
  readonly tls?: () => ConnectionOptions
  readonly password?: string
  /** It has to be waited for. */
  readonly silent?: true
  /** What it is, and what to do about it. */
  readonly says: RegExp
}

const trusted = () => ({ ca: readFileSync(inDir('ca.pem')), servername: 'redis.test' })

const faults: Record<string, Fault> = {
  hangs: {
    silent: true,
    server: plain(() => undefined),
    says: /no answer in time: .* hangs; is it stopped, swapping/,
  },
  'stops in the middle of a reply': {
    silent: true,
    server: plain(writing('$500\r\nredis_ver')),
    says: /a reply began and stopped/,
  },
  'closes in the middle of a reply': {
    server: plain((socket) => socket.on('data', () => socket.end('$500\r\nredis_ver'))),
    says: /closed the connection in the middle of a reply; did it crash/,
  },
  'closes at once': {
    server: plain((socket) => socket.destroy()),
    says: /closed the connection|connection reset/,
  },
  'is a web server': {
    server: plain(writing('HTTP/1.1 400 Bad Request\r\n\r\n')),
    says: /does not answer as a Redis does .*another service\?/,
  },
  'answers garbage': {
    server: plain(writing('\x00\xff\r\n$x\r\n')),
    says: /does not answer as a Redis does/,
  },
  'has reached maxclients': {
    server: plain((socket) => socket.end('-ERR max number of clients reached\r\n')),
    says: /max number of clients reached \(the node has reached maxclients; raise it/,
  },
  'is in protected mode': {
    server: plain((socket) => socket.end('-DENIED Redis is running in protected mode\r\n')),
    says: /protected mode: .*set a password there or bind it right/,
  },
  'wants a password': {
    server: plain(refusing('NOAUTH Authentication required.')),
    says: /INFO: NOAUTH .*the node wants a password; set passwordFile/,
  },
  'wants another password': {
    server: plain(refusing('WRONGPASS invalid username-password pair or user is disabled.')),
    password: 'hunter2-is-not-it',
    says: /AUTH: WRONGPASS .*user name or password are wrong/,
  },
  'wants no password': {
    server: plain(refusing('ERR AUTH <password> called without any password configured')),
    password: 'hunter2-is-not-it',
    says: /the node has no password, but one is configured here/,
  },
  'allows no INFO': {
    server: plain(refusing("NOPERM User watcher has no permissions to run the 'info' command")),
    says: /INFO: NOPERM .*see 'ACL user' in docs\/security\.md/,
  },
  'says nothing': { server: plain(answering(() => '$0\r\n\r\n')), says: /INFO: an answer without a field/ },
  'is loading': {
    server: plain(refusing('LOADING Redis is loading the dataset in memory')),
    says: /INFO: LOADING .*the node is loading its data set/,
  },
  'has an expired certificate': { server: tls('expired.pem'), tls: trusted, says: /has expired; renew it/ },
  'has a certificate of an unknown CA': {
    server: tls('cert.pem'),
    tls: () => ({ servername: 'redis.test' }),
    says: /not signed by a CA that is trusted here; name its CA with tls\.ca/,
  },
  'has a certificate for another name': {
    server: tls('cert.pem'),
    tls: () => ({ ...trusted(), servername: 'other.test' }),
    says: /for another name; set tls\.serverName/,
  },
  'wants a client certificate': {
    server: () => tls('cert.pem', { requestCert: true, ca: readFileSync(inDir('ca.pem')) })(),
    tls: trusted,
    says: /wants a client certificate; set tls\.cert and tls\.key/,
  },
  'speaks no TLS': {
    server: plain(answering(knowing)),
    tls: trusted,
    says: /does(?: not)?(?: the node)? speak TLS on this port.*redis:\/\//,
  },
  'speaks TLS': { server: tls('cert.pem'), says: /is this a TLS port|closed the connection|want TLS/ },
}

async function listening(server: Server): Promise<number> {
  servers.push(server)
  for (const event of ['connection', 'secureConnection'])
    server.on(event, (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function readerOf(
  port: number,
  { tls: trust, password }: Partial<Fault> = {},
  options: Partial<ReadOptions> = {},
): NodeReader {
  const endpoint = { host: '127.0.0.1', port, tls: trust !== undefined, ...(password && { password }) }
  return new NodeReader(
    new RawLink(endpoint, { clientName: 'slotwise/exporter', backoff: true, ...(trust && { tls: trust }) }),
    { ...STANDARD_READ_OPTIONS, ...options },
  )
}

describe('a node', { timeout: 60_000 }, () => {
  it.each(Object.entries(faults))('that %s is explained, the third time as the first', async (_, fault) => {
    const port = await listening(fault.server())
    const reader = readerOf(port, fault)
    const healthy = readerOf(await listening(createServer(answering(knowing))))
    const timeoutMs = fault.silent ? 800 : 20_000
    const [reading, other] = await Promise.all([reader.read(timeoutMs), healthy.read(20_000)])
    expect(reading.error).toMatch(fault.says)
    expect(reading.error).toContain(`127.0.0.1:${port}: `)
    expect(reading.error).not.toContain('hunter2')
    expect(other.error).toBeUndefined()
    for (let time = 0; time < 2; time++) expect((await reader.read(timeoutMs)).error).toMatch(fault.says)
    reader.link.close()
    healthy.link.close()
  })

  it('that fails again and again is not dialled at every reading, until somebody says that it is back', async () => {
    let dialled = 0
    let isBack = false
    const port = await listening(
      createServer((socket) => {
        dialled++
        if (isBack) answering(knowing)(socket)
        else socket.destroy()
      }),
    )
    const told: (string | undefined)[] = []
    const reader = readerOf(port, {}, { onState: (_, error) => told.push(error && 'down') })
    let readings = 0
    for (; dialled >= readings; readings++)
      expect((await reader.read(20_000)).error).toMatch(/closed the connection|connection reset/)
    isBack = true
    reader.link.retrySoon()
    expect((await reader.read(20_000)).error).toBeUndefined()
    expect([told[0], told.at(-1)]).toEqual(['down', undefined])
    reader.link.close()
  })

  it('that refuses commands is told of once a reading, keys too, whatever its other replies are', async () => {
    const asked = (command: string) => /\r\n(CONFIG|SELECT)\r\n/.exec(command)?.[1]
    const port = await listening(
      createServer(
        answering((command) => {
          if (asked(command) === 'CONFIG') return ':no number\r\n'
          return asked(command) === 'SELECT' ? '-NOPERM no select\r\n' : knowing(command)
        }),
      ),
    )
    const told: string[] = []
    const query = { ...NOTHING, counts: [{ db: 0, key: '*' }] }
    const keys: KeyOptions = {
      batchSize: 10,
      values: false,
      streamConsumers: false,
      maxGroups: 1,
      skipPrimaries: false,
      query,
    }
    const reader = readerOf(port, {}, { keys, onRefused: ({ reading }) => told.push(reading) })
    const { error, replies } = await reader.read(20_000)
    expect(error).toBeUndefined()
    expect(replies!.get('count_keys')!.error).toMatch(/SELECT 0: NOPERM no select/)
    expect(told).toContain('count_keys')
    expect(told).toEqual([...new Set(told)])
    reader.link.close()
  })

  it('that takes no new connections says so though the kept one works', async () => {
    let connections = 0
    const port = await listening(
      createServer((socket) => {
        if (++connections === 1) answering(knowing)(socket)
        else socket.end('-ERR max number of clients reached\r\n')
      }),
    )
    const reader = readerOf(port, {}, { collectors: new Set(['connect']), slowMs: 1 })
    let error: string | undefined
    while (error === undefined) {
      const reading = await reader.read(20_000)
      expect(reading.error).toBeUndefined()
      error = reading.replies!.get('connect')?.error
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(error).toMatch(/^a new connection: .*max number of clients reached/)
    reader.link.close()
  })
})
