import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../config/config.js'
import type { NodeReader } from '../redis/node-reader.js'
import { makeFleet, type Fleet } from './fleet.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-fleet-'))
const inDir = (file: string) => join(dir, file)
const passwordFile = inDir('passwords.json')
const open: (() => void)[] = []
let port: number
/** What AUTH was sent, connection by connection. */
let auths: string[][]

/** Refuses every connection after its first words. */
beforeEach(async () => {
  auths = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.on('data', (data) => {
      const [first] = data.toString('latin1').split(/(?=\*\d+\r\n)/)
      const words = first!.split('\r\n').filter((_, i) => i > 0 && i % 2 === 0)
      auths.push(words[0] === 'AUTH' ? words.slice(1) : [])
      socket.end('-WRONGPASS\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})
afterEach(() => {
  for (const close of open.splice(0)) close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const writePasswords = (password: string, user = '') =>
  writeFileSync(passwordFile, JSON.stringify({ [`redis://${user}127.0.0.1:${port}`]: password }), {
    mode: 0o600,
  })

function fleetOf(flags: Record<string, string>, content: object = {}): Fleet {
  const config = resolveConfig({ flags, env: {}, file: { name: 'slotwise.yml', content } })
  const fleet = makeFleet(config, () => undefined)
  open.push(() => {
    for (const cluster of [...fleet.clusters, ...fleet.sources]) cluster.close()
    fleet.wholeCluster?.close()
    fleet.single?.link.close()
  })
  return fleet
}

const single = (flags: Record<string, string> = {}) =>
  fleetOf({ 'redis.addr': `redis://127.0.0.1:${port}`, 'redis.password-file': passwordFile, ...flags })

describe('the password of a single node', () => {
  it('is the one that was given, whatever the password file says', async () => {
    writePasswords('of the file')
    await single({ 'redis.password': 'given' }).single!.read(20_000)
    await single({ 'redis.addr': `redis://me:inside@127.0.0.1:${port}` }).single!.read(20_000)
    await single().single!.read(20_000)
    expect(auths).toEqual([['given'], ['me', 'inside'], ['of the file']])
  })

  it.each([[{ 'redis.user': 'bob' }], [{ 'redis.addr': 'redis://bob@127.0.0.1:1' }]])(
    'is missing for a user: %j',
    (flags) => {
      expect(() => fleetOf({ 'redis.addr': 'redis://127.0.0.1:1', ...flags })).toThrow(
        /^--redis\.addr: the user bob has no password here; set --redis\.password/,
      )
    },
  )
})

describe('reload', () => {
  it('takes the passwords of the file for every cluster, and lets it connect at once', async () => {
    writePasswords('old')
    const content = { clusters: [{ name: 'demo', seeds: [`redis://127.0.0.1:${port}`] }] }
    const flags = { 'redis.password-file': passwordFile, 'is-cluster': 'true' }
    const ofFile = fleetOf(flags, content)
    const { wholeCluster, reload } = single({ 'is-cluster': 'true' })
    const clusters = [
      { cluster: ofFile.clusters[0]!, reload: ofFile.reload! },
      { cluster: wholeCluster!, reload: reload! },
    ]
    for (const { cluster, reload } of clusters) {
      writePasswords('old')
      reload()
      auths = []
      // Until it is not dialled any more, since it has failed so often.
      for (let tries = 0; auths.length >= tries; tries++) await cluster.refresh()
      expect(new Set(auths.flat())).toEqual(new Set(['old']))
      writePasswords('new')
      reload()
      auths = []
      await cluster.refresh()
      expect(auths).toEqual([['new']])
    }
  })

  it('takes all or nothing', async () => {
    writePasswords('old')
    const files = [inDir('first'), inDir('last')] as const
    for (const file of files) writeFileSync(file, 'old', { mode: 0o600 })
    const seeds = [`redis://127.0.0.1:${port}`]
    const [first, last] = files.map((passwordFile, i) => ({ name: `c${i}`, seeds, passwordFile }))
    const content = { clusters: [first, { name: 'json', seeds }, last] }
    const { clusters, reload } = fleetOf({ 'redis.password-file': passwordFile }, content)
    writeFileSync(files[0], 'new')
    writeFileSync(passwordFile, 'no JSON')
    expect(reload).toThrow(/passwords\.json is no JSON/)
    writePasswords('new')
    rmSync(files[1])
    expect(reload).toThrow(/last: no such file/)
    for (const cluster of clusters) await cluster.refresh()
    expect(auths).toEqual([['old'], ['old'], ['old']])
  })

  it('is none where no file is named', () => {
    expect(fleetOf({ 'redis.password': 'given' }).reload).toBeUndefined()
  })
})

describe('--is-cluster', () => {
  const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
  const info = bulk(
    'redis_version:7.0.15\r\nredis_mode:cluster\r\ncluster_enabled:1\r\nrun_id:x\r\nrole:master\r\n',
  )

  /** Two nodes of a cluster with one key each: at 127.0.0.1 and at localhost. @returns the port of the first */
  async function twoNodes(): Promise<number> {
    const ports: number[] = []
    const nodes = () =>
      ports
        .map((port, i) => {
          const [host, flags] = [['127.0.0.1', 'myself,master'] as const, ['localhost', 'master'] as const][
            i
          ]!
          return `${String(i).repeat(40)} ${host}:${port}@1 ${flags} - 0 0 1 connected ${i}`
        })
        .join('\n')
    const reply = (command: string) => {
      if (command.includes('SCAN')) return '*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n'
      if (command.includes('NODES')) return bulk(nodes())
      return command.includes('INFO') && !command.includes('CLUSTER') ? info : '-ERR unknown\r\n'
    }
    for (const host of ['127.0.0.1', 'localhost']) {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket.on('error', () => undefined))
        socket.on('data', (data) => {
          for (const command of data.toString('latin1').split(/(?=\*\d+\r\n)/)) socket.write(reply(command))
        })
      })
      await new Promise<void>((resolve) => server.listen(0, host, resolve))
      ports.push((server.address() as AddressInfo).port)
      open.push(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
    }
    return ports[0]!
  }

  it('is for the node of --redis.addr and for targets, within --scrape.allow; nodes of a cluster tell their own', async () => {
    const port = await twoNodes()
    const address = `127.0.0.1:${port}`
    const flags = {
      'redis.addr': address,
      'is-cluster': 'true',
      'count-keys': 'a*',
      'scrape.allow': '127.0.0.1',
    }
    const { clusters, single, connect } = fleetOf(flags, { clusters: [{ name: 'demo', seeds: [address] }] })
    await clusters[0]!.refresh()
    const member = clusters[0]!.members.find(({ node }) => node.address === address)!.reader!
    const target = connect({ host: '127.0.0.1', port, tls: false })
    open.push(() => target.link.close())
    const keysOf = async (reader: NodeReader) => {
      const { replies } = await reader.read(20_000)
      const { frames, error } = replies!.get('count_keys')!
      return error ?? String(frames[0]).match(/"count":1/g)?.length
    }
    expect(await keysOf(member)).toBe(1)
    expect(await keysOf(single!)).toBe(2)
    expect(await keysOf(target)).toMatch(/^localhost:\d+: .* outside --scrape\.allow/)
  })
})

describe('the client certificate', () => {
  const make = (name: string) => {
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`]
    const files = ['-keyout', inDir(`${name}.key`), '-out', inDir(`${name}.crt`)]
    execFileSync('openssl', ['req', '-x509', ...kind, ...files], { stdio: 'ignore' })
  }
  const withKey = (key: string) =>
    fleetOf({
      'redis.addr': `rediss://127.0.0.1:${port}`,
      'tls-client-cert-file': inDir('client.crt'),
      'tls-client-key-file': inDir(key),
    })

  it('of another key is an error at start', () => {
    make('client')
    make('other')
    expect(() => withKey('other.key')).toThrow(/client\.crt, .*other\.key: key values mismatch; expected PEM/)
  })

  it('goes on as it was while a new one is half written', async () => {
    make('client')
    const { single } = withKey('client.key')
    const first = (await single!.read(20_000)).error
    make('other')
    copyFileSync(inDir('other.crt'), inDir('client.crt'))
    expect((await single!.read(20_000)).error).toBe(first)
    expect(first).toMatch(/TLS/)
  })
})
