import bcrypt from 'bcryptjs'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild, whenUp } from '../../../stack/src/child.js'
import { slotwiseProgram, startExporter } from '../../../stack/src/exporter.js'
import { httpGet } from '../../../stack/src/http.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'

/** Who gets in at the metrics listener, by flags and by exporter-toolkit's file. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-web-'))
const cert = join(dir, 'web.crt')
const key = join(dir, 'web.key')
let node: RedisNode

beforeAll(async () => {
  const [port] = await freePorts(1)
  node = await startNode({ port: port!, dir, password: 'first' })
  makeCertificate('one')
})
afterAll(async () => {
  await node.stop()
  rmSync(dir, { recursive: true, force: true })
})

function makeCertificate(name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ]
  execFileSync('openssl', [...args, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
}

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

describe('a password', () => {
  it.each([
    ['as it is', ['--basic-auth-password=open sesame']],
    ['as a bcrypt hash', [`--basic-auth-hash-password=${bcrypt.hashSync('open sesame', 4)}`]],
  ])('%s is asked for on every path', async (_, flags) => {
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    const child = startChild({
      name: 'exporter',
      command: process.execPath,
      args: [
        ...[slotwiseProgram, 'serve', '--events.url=', `--redis.addr=redis://${node.address}`],
        ...['--redis.password=first', `--web.listen-address=127.0.0.1:${port}`],
        ...['--basic-auth-username=prometheus', ...flags],
      ],
    })
    try {
      const status = async (path: string, headers: Record<string, string> = {}) =>
        (await httpGet(`${url}${path}`, { headers })).status
      await whenUp(child, async () => (await status('/health')) === 401, { timeoutMs: 40_000, what: 'a 401' })
      expect(await status('/metrics')).toBe(401)
      expect(await status('/metrics', basic('prometheus', 'open sesam'))).toBe(401)
      expect(await status('/metrics', basic('admin', 'open sesame'))).toBe(401)
      expect(await status('/metrics', { authorization: 'Basic ???' })).toBe(401)
      expect(await status('/metrics', basic('prometheus', 'open sesame'))).toBe(200)
      expect(await status('/health', basic('prometheus', 'open sesame'))).toBe(200)
      const answer = await httpGet(url)
      expect(answer.headers['www-authenticate']).toBe('Basic realm="slotwise", charset="UTF-8"')
    } finally {
      await child.stop()
    }
  })
})

describe('--web.config.file', () => {
  const file = join(dir, 'web.yml')
  const hash = bcrypt.hashSync('open sesame', 4)

  it('brings TLS and users; a renewed certificate is taken up', async () => {
    writeFileSync(
      file,
      `tls_server_config:\n  cert_file: web.crt\n  key_file: web.key\n  min_version: TLS13\nbasic_auth_users:\n  prometheus: ${hash}\n`,
    )
    const [port] = await freePorts(1)
    const child = startChild({
      name: 'exporter',
      command: process.execPath,
      args: [
        ...[slotwiseProgram, 'serve', '--events.url=', `--redis.addr=redis://${node.address}`],
        ...[`--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${file}`],
      ],
    })
    try {
      await whenUp(child, () => Promise.resolve(child.tail(5).includes(`https://127.0.0.1:${port}`)), {
        timeoutMs: 40_000,
        what: 'the listener',
      })
      const headers = basic('prometheus', 'open sesame')
      expect(await askTls(port!, '/health')).toMatchObject({ status: 401, name: 'one' })
      expect(await askTls(port!, '/health', { headers })).toMatchObject({ status: 200, name: 'one' })
      await expect(askTls(port!, '/health', { headers, maxVersion: 'TLSv1.2' })).rejects.toThrow()
      makeCertificate('two')
      expect(await askTls(port!, '/health', { headers })).toMatchObject({ status: 200, name: 'two' })
    } finally {
      await child.stop()
    }
  })

  it.each([
    ['basic_auth_users:\n  me: secret\n', /basic_auth_users\.me: not a bcrypt hash/],
    ['tls_server_config:\n  cert_file: no.crt\n  key_file: web.key\n', /cannot read .*no\.crt: no such file/],
    ['tls_server:\n  cert_file: no.crt\n', /tls_server/],
  ])('that is wrong is an error at start: %j', async (text, message) => {
    writeFileSync(file, text)
    const [port] = await freePorts(1)
    await expect(startExporter({ port: port!, args: [`--web.config.file=${file}`] })).rejects.toThrow(message)
  })
})

describe('POST /-/reload', () => {
  it('reads the password file anew', async () => {
    const passwords = join(dir, 'passwords.json')
    const write = (password: string) =>
      writeFileSync(passwords, JSON.stringify({ [`redis://${node.address}`]: password }), { mode: 0o600 })
    write('wrong')
    const [port] = await freePorts(1)
    const exporter = await startExporter({
      port: port!,
      args: [`--redis.addr=redis://${node.address}`, `--redis.password-file=${passwords}`],
    })
    try {
      expect((await exporter.get('/metrics')).body).toMatch(/redis_up 0/)
      write('first')
      expect((await exporter.get('/-/reload')).status).toBe(405)
      const fromPage = { method: 'POST', headers: { origin: 'http://example.com' } }
      expect((await exporter.get('/-/reload', fromPage)).status).toBe(403)
      expect(await exporter.get('/-/reload', { method: 'POST' })).toMatchObject({ status: 200, body: 'ok' })
      expect((await exporter.get('/metrics')).body).toMatch(/redis_up 1/)
      writeFileSync(passwords, 'no json')
      expect((await exporter.get('/-/reload', { method: 'POST' })).status).toBe(500)
      expect((await exporter.get('/metrics')).body).toMatch(/redis_up 1/)
    } finally {
      await exporter.stop()
    }
  })
})

/** Asks over TLS and tells who the server says it is. */
function askTls(
  port: number,
  path: string,
  options: { headers?: Record<string, string>; maxVersion?: 'TLSv1.2' } = {},
): Promise<{ status: number; name: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, ca: readFileSync(cert), agent: false, ...options },
      (response) => {
        const socket = response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
        const name = socket.getPeerCertificate().subject.CN
        response.resume()
        response.on('end', () => resolve({ status: response.statusCode!, name }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
