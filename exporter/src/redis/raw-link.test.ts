import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { encodePipeline } from './frames.js'
import { NodeReader } from './node-reader.js'
import { RawLink } from './raw-link.js'

const PING = encodePipeline([['PING']])
const open: (() => void)[] = []

afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A server that does with each connection what the test wants. */
async function serve(onConnection: (socket: Socket, connection: number) => void): Promise<RawLink> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    onConnection(socket, ++connections)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const link = new RawLink({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: false })
  open.push(() => {
    link.close()
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return link
}

const exchange = async (link: RawLink, timeoutMs = 2000) =>
  (await link.exchange(PING, 1, timeoutMs)).map(String)

describe('RawLink', () => {
  it('keeps one connection and answers in order', async () => {
    let connections = 0
    const link = await serve((socket, connection) => {
      connections = connection
      let n = 0
      socket.on('data', () => socket.write(`:${++n}\r\n`))
    })
    expect(await exchange(link)).toEqual([':1\r\n'])
    expect(await exchange(link)).toEqual([':2\r\n'])
    expect(connections).toBe(1)
  })

  it('gives exchanges that overlap their own replies', async () => {
    const link = await serve((socket) => {
      let seen = 0
      socket.on('data', (data) => {
        seen += data.toString().split('PING').length - 1
        if (seen === 2) socket.write(':1\r\n:2\r\n')
      })
    })
    expect(await Promise.all([exchange(link), exchange(link)])).toEqual([[':1\r\n'], [':2\r\n']])
  })

  it('lends replies, and keeps the first of them until the last has come', async () => {
    let finish: (() => void) | undefined
    const link = await serve((socket) => {
      socket.on('data', () => {
        socket.write(`+${'a'.repeat(100)}\r\n`)
        finish = () => socket.write('+end\r\n')
      })
    })
    const other = await serve((socket) => {
      socket.on('data', () => socket.write(`+${'b'.repeat(200)}\r\n`))
    })
    const both = link.exchange(PING, 2, 20_000, 'lent').then((frames) => frames.map(String))
    while (!finish) await other.exchange(PING, 1, 20_000, 'lent')
    await other.exchange(PING, 1, 20_000, 'lent')
    finish()
    expect(await both).toEqual([`+${'a'.repeat(100)}\r\n`, '+end\r\n'])
  })

  it('keeps replies, whatever other links read afterwards', async () => {
    const links = await Promise.all(
      ['a', 'b'].map((letter) =>
        serve((socket) => {
          // More than is read at once, so that what comes of the two is mixed.
          const text = letter.repeat(1_000_000)
          socket.on('data', () => socket.write(`$${text.length}\r\n${text}\r\n`))
        }),
      ),
    )
    const replies = await Promise.all(links.map(async (link) => (await exchange(link, 20_000))[0]!))
    expect(replies.map((reply) => /^\$1000000\r\n(a+|b+)\r\n$/.test(reply))).toEqual([true, true])
    expect(replies.map((reply) => reply[10])).toEqual(['a', 'b'])
  })

  it('says that a silent node hangs, and starts anew afterwards', async () => {
    const link = await serve((socket, connection) => {
      if (connection > 1) socket.on('data', () => socket.write('+PONG\r\n'))
    })
    await expect(exchange(link, 50)).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/no answer in time: the node accepts connections but hangs/) as string,
    })
    expect(await exchange(link)).toEqual(['+PONG\r\n'])
  })

  it('says the same of a silent node whatever time there was', async () => {
    const link = await serve(() => undefined)
    const reason = (timeoutMs: number) => exchange(link, timeoutMs).catch((error: unknown) => String(error))
    expect(await reason(50)).toBe(await reason(61))
  })

  it('fails what waits when the node goes away in the middle of a reply, and connects again', async () => {
    const link = await serve((socket, connection) => {
      socket.on('data', () => (connection === 1 ? socket.end('$100\r\nhalf') : socket.write('+PONG\r\n')))
    })
    await expect(exchange(link)).rejects.toMatchObject({ kind: 'closed' })
    expect(await exchange(link)).toEqual(['+PONG\r\n'])
  })

  it('says that something else than Redis answers', async () => {
    const link = await serve((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    await expect(exchange(link)).rejects.toMatchObject({ kind: 'protocol' })
  })

  it('tells what the node said when it refuses the connection', async () => {
    const link = await serve((socket) => socket.end('-ERR max number of clients reached\r\n'))
    await expect(link.exchange(encodePipeline([['PING'], ['PING']]), 2, 2000)).rejects.toThrow(
      /max number of clients reached \(the node has reached maxclients; raise it/,
    )
  })

  it('explains a refused connection', async () => {
    const link = await serve(() => undefined)
    for (const close of open.splice(0)) close()
    await expect(exchange(link)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/127\.0\.0\.1:\d+: connection refused: nothing listens there/) as string,
    })
  })

  it('gets over a client certificate that is caught in the middle of its renewal', async () => {
    const { endpoint } = await serve((socket) => socket.end('no TLS'))
    let isRenewed = false
    const link = new RawLink(
      { ...endpoint, tls: true },
      { tls: () => (isRenewed ? {} : { cert: 'half', key: 'half' }), backoff: true },
    )
    await expect(exchange(link)).rejects.toMatchObject({ kind: 'tls', address: link.address })
    isRenewed = true
    await expect(exchange(link)).rejects.toThrow(/does not speak TLS on this port/)
  })

  it('explains a name that does not resolve', async () => {
    const link = new RawLink({ host: 'no-such-host.invalid', port: 1, tls: false })
    await expect(exchange(link)).rejects.toMatchObject({ kind: 'unresolved' })
  })

  it('that writes for an operation uses no connection, nor the next one, before it is confirmed', async () => {
    const seen: string[] = []
    const { endpoint } = await serve((socket, connection) => {
      seen.push(`connection ${connection}`)
      socket.on('data', (data) => {
        seen.push(/SETNAME|PING/.exec(data.toString())![0])
        if (connection === 1 && data.includes('PING')) socket.destroy()
        else socket.write('+OK\r\n')
      })
    })
    let owned = true
    const confirmOwn = () => {
      seen.push('confirm')
      return owned ? Promise.resolve() : Promise.reject(new Error('another owns it'))
    }
    const guard = { mustOwn: () => void seen.push('write'), confirmOwn }
    const link = new RawLink(endpoint, { clientName: 'slotwise/op/1', guard })
    open.push(() => link.close())
    await expect(exchange(link, 20_000)).rejects.toThrow()
    expect(await exchange(link, 20_000)).toEqual(['+OK\r\n'])
    expect(await exchange(link, 20_000)).toEqual(['+OK\r\n'])
    const [first, second] = [1, 2].map((n) => [`connection ${n}`, 'SETNAME', 'confirm', 'write', 'PING'])
    expect(seen).toEqual([...first!, ...second!, 'write', 'PING'])
    owned = false
    link.close()
    seen.length = 0
    await expect(exchange(link, 20_000)).rejects.toThrow('another owns it')
    await expect(exchange(link, 20_000)).rejects.toThrow('another owns it')
    expect(seen).not.toContain('PING')
    expect(seen).not.toContain('write')
  })

  it('stops at a refused password and never shows it', async () => {
    let commands = ''
    const link = await serve((socket) =>
      socket.on('data', (data) => {
        commands += data.toString()
        socket.write('-WRONGPASS invalid username-password pair or user is disabled.\r\n+OK\r\n')
      }),
    )
    const secret = new RawLink(
      { ...link.endpoint, username: 'me', password: 'hunter2' },
      { clientName: 'slotwise/exporter' },
    )
    await expect(exchange(secret)).rejects.toMatchObject({
      kind: 'auth',
      message: expect.not.stringContaining('hunter2') as string,
    })
    expect(commands).toMatch(/AUTH[^]*hunter2[^]*SETNAME/)
    expect(commands).not.toContain('PING')
  })

  it.each([
    ['a server without AUTH', "ERR unknown command 'AUTH', with args beginning with: 'me' 'hunter2' "],
    ['an older one', 'ERR unknown command `AUTH`, with args beginning with: `me`, `hunter2`, '],
    ['a cut argument', "ERR unknown command 'AUTH', with args beginning with: 'me' 'hunt"],
    ['a proxy', 'ERR no upstream for AUTH me hunter2'],
  ])('never shows a password that the other side sends back: %s', async (_, reply) => {
    const link = await serve((socket) => socket.on('data', () => socket.write(`-${reply}\r\n`)))
    const secret = new RawLink({ ...link.endpoint, username: 'me', password: 'hunter2' })
    await expect(exchange(secret)).rejects.toMatchObject({
      message: expect.stringMatching(/: AUTH: ERR (?!.*hunt)/) as string,
      cause: expect.not.stringContaining('hunt') as string,
    })
  })

  it('never shows one to anybody when the other side then hangs up, either', async () => {
    const link = await serve((socket) =>
      socket.on('data', () => socket.end('-ERR no upstream for AUTH hunter2\r\n')),
    )
    const secret = new RawLink({ ...link.endpoint, password: 'hunter2' }, { clientName: 'slotwise/exporter' })
    await expect(exchange(secret)).rejects.toMatchObject({
      message: expect.stringMatching(/: connect: ERR no upstream for AUTH \*{3}$/) as string,
      cause: expect.not.stringContaining('hunter2') as string,
    })
  })

  it('tells no more than the beginning of an error without end: it becomes a label', async () => {
    const link = await serve((socket) =>
      socket.on('data', () => socket.write(`-ERR ${'x'.repeat(100_000)}\r\n`)),
    )
    const { error } = await new NodeReader(link).read(20_000)
    expect(error).toMatch(/INFO: ERR x{296}…$/)
  })

  it('tells that a node sent what nobody asked for, also when that ended the connection before', async () => {
    const link = await serve((socket) => socket.on('data', () => socket.write('+OK\r\n+more\r\n')))
    const named = new RawLink(link.endpoint, { clientName: 'slotwise/exporter' })
    await expect(exchange(named)).rejects.toThrow('sent a reply that nobody asked for')
  })

  it('takes no reply of any size where it reads again and again', async () => {
    const link = await serve((socket) => socket.on('data', () => socket.write('$99999999\r\n')))
    const reading = new RawLink(link.endpoint, { backoff: true })
    await expect(exchange(reading, 20_000)).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('a reply of more than 64 MB') as string,
    })
  })

  it('holds nothing of a reply that was given up', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const megabytes = () => {
      collect()
      return process.memoryUsage().arrayBuffers / 2 ** 20
    }
    const link = await serve((socket) =>
      socket.on('data', () => {
        socket.write('$60000000\r\n')
        socket.end(Buffer.alloc(40_000_000))
      }),
    )
    const before = megabytes()
    const reading = new RawLink(link.endpoint, { backoff: true })
    await expect(exchange(reading, 20_000)).rejects.toThrow(/in the middle of a reply/)
    await expect.poll(megabytes, { timeout: 20_000 }).toBeLessThan(before + 20)
    reading.close()
  })

  it('sends no AUTH for an empty password, unless for a user', async () => {
    let commands = ''
    const link = await serve((socket) =>
      socket.on('data', (data) => {
        commands += data.toString()
        socket.write('+OK\r\n'.repeat(data.toString().split(/(?=\*\d)/).length))
      }),
    )
    await exchange(new RawLink({ ...link.endpoint, password: 'x' }, { password: () => '' }))
    expect(commands).not.toContain('AUTH')
    await exchange(new RawLink({ ...link.endpoint, username: 'bob' }, { password: () => '' }))
    expect(commands).toMatch(/AUTH\r\n\$3\r\nbob\r\n\$0\r\n/)
  })

  it('says to whoever has no password where one belongs', async () => {
    const link = await serve((socket) => socket.on('data', () => socket.write('-NOAUTH no\r\n')))
    const { error } = await new NodeReader(link).read(20_000)
    expect(error).toContain(`"redis://${link.address}" of --redis.password-file`)
  })
})
