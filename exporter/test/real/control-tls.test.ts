import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild, whenUp } from '../../../stack/src/child.js'
import { slotwiseProgram } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { controlTls } from '../../src/cli/web-tls.js'
import { startControl, type ControlServer } from '../../src/http/control/listen.js'
import { writeTokens } from '../control-api.js'
import { controlOptions } from '../fakes.js'

/** TLS on the control listener, by exporter-toolkit's file. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-control-tls-'))
const file = join(dir, 'web.yml')
const at = (name: string) => join(dir, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' })

beforeAll(() => {
  for (const ca of ['ca', 'foreign'])
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.crt`],
    )
  writeFileSync(at('names.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  makeCertificate('web', 'one')
  makeCertificate('client', 'deployer')
  makeCertificate('stranger', 'deployer', 'foreign')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Writes NAME.crt and NAME.key, signed by the CA. */
function makeCertificate(name: string, subject: string, ca = 'ca'): void {
  openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${subject}`],
    ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
  )
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'names.ext', '-out', `${name}.crt`],
  )
}

const TLS = 'tls_server_config:\n  cert_file: web.crt\n  key_file: web.key\n'
const MUTUAL = `${TLS}  client_ca_file: ca.crt\n`

/** The API behind what the file says. */
async function serving(text: string, use: (control: ControlServer) => Promise<void>): Promise<void> {
  writeFileSync(file, text)
  const control = await startControl({
    ...controlOptions(),
    address: '127.0.0.1:0',
    serverOf: controlTls(file),
  })
  try {
    await use(control)
  } finally {
    await control.close()
  }
}

/** Asks for /clusters; `client` names a certificate to show. */
function ask({ url }: ControlServer, client?: string): Promise<{ status: number; name: string }> {
  return new Promise((resolve, reject) => {
    const certificate =
      client === undefined
        ? {}
        : { cert: readFileSync(at(`${client}.crt`)), key: readFileSync(at(`${client}.key`)) }
    const options = { ca: readFileSync(at('ca.crt')), agent: false, ...certificate }
    const sent = request(`${url}/api/v1/clusters`, options, (response) => {
      const socket = response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
      const name = socket.getPeerCertificate().subject.CN
      response.resume().on('end', () => resolve({ status: response.statusCode!, name }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('--control.web-config-file', () => {
  it('brings TLS; a renewed certificate is taken up, a broken one is not', async () => {
    await serving(TLS, async (control) => {
      expect(control.url).toMatch(/^https:/)
      expect(await ask(control)).toEqual({ status: 200, name: 'one' })
      await expect(fetch(control.url.replace('https', 'http'))).rejects.toThrow()
      makeCertificate('web', 'two')
      expect(await ask(control)).toEqual({ status: 200, name: 'two' })
      writeFileSync(at('web.crt'), 'half a certifi')
      expect(await ask(control)).toEqual({ status: 200, name: 'two' })
      makeCertificate('web', 'three')
      expect(await ask(control)).toEqual({ status: 200, name: 'three' })
    })
  })

  it('lets in only who shows a certificate of the CA that it names', async () => {
    await serving(MUTUAL, async (control) => {
      expect(await ask(control, 'client')).toMatchObject({ status: 200 })
      await expect(ask(control)).rejects.toThrow()
      await expect(ask(control, 'stranger')).rejects.toThrow()
    })
  })

  it.each([
    [
      'basic_auth_users:\n  me: $2b$04$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n',
      /takes tokens only/,
    ],
    ['', /tls_server_config: it is not there/],
    [
      'tls_server_config: {cert_file: no.crt, key_file: web.key}',
      /web\.yml: cannot read .*no\.crt: no such file/,
    ],
    ['tls_server_config: {cert_file: web.key, key_file: web.key}', /web\.yml: certificate or key: /],
    [`${TLS}  client_auth_type: RequireAndVerifyClientCert\n`, /client_ca_file: .* every public CA/],
    [`${TLS}  client_auth: yes\n`, /client_auth/],
  ])('that is wrong is an error at start: %j', async (text, message) => {
    await expect(serving(text, () => Promise.resolve())).rejects.toThrow(message)
  })

  it('is read by serve, and the command line speaks to it', async () => {
    writeFileSync(file, TLS)
    const [web, port] = await freePorts(2)
    const { me } = writeTokens(at('tokens.yml'), [{ id: 'me', scopes: ['read'], delegated: false }])
    const child = startChild({
      name: 'exporter',
      command: process.execPath,
      args: [
        ...[slotwiseProgram, 'serve', '--cluster.name=demo', '--redis.addr=redis://127.0.0.1:1'],
        ...[`--events.url=file:${at('events.db')}`, `--web.listen-address=127.0.0.1:${web}`],
        ...[`--control.listen-address=127.0.0.1:${port}`, `--control.tokens-file=${at('tokens.yml')}`],
        `--control.web-config-file=${file}`,
      ],
    })
    try {
      await whenUp(child, () => Promise.resolve(child.tail(20).includes(`https://127.0.0.1:${port}`)), {
        timeoutMs: 60_000,
        what: 'the control API',
      })
      const told = execFileSync(
        process.execPath,
        [slotwiseProgram, 'operations', `--api=https://localhost:${port}`],
        {
          env: { ...process.env, NODE_EXTRA_CA_CERTS: at('ca.crt'), SLOTWISE_TOKEN: me },
          encoding: 'utf8',
        },
      )
      expect(told).toBe('no operations\n')
    } finally {
      await child.stop()
    }
  })
})
