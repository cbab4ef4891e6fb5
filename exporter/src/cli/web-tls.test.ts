import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWebFile, tlsOfFile, tlsServer } from './web-tls.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-web-tls-'))
const inDir = (file: string) => join(dir, file)

/** Makes a certificate that signs itself, so that it is its own CA. */
function makeCertificate(name: string): void {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', inDir(`${name}.key`), '-out', inDir(`${name}.crt`)]
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' })
}

beforeAll(() => {
  makeCertificate('ours')
  makeCertificate('stranger')
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** @returns the status of an answer, or the code of the error for a client that gets none */
function ask(port: number, name?: string): Promise<number | string | undefined> {
  const own = name === undefined ? {} : { cert: read(`${name}.crt`), key: read(`${name}.key`) }
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port, ca: read('ours.crt'), agent: false, ...own },
      (response) => response.resume().on('end', () => resolve(response.statusCode)),
    )
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end()
  })
}
const read = (file: string) => readFileSync(inDir(file))

describe('client_auth_type', () => {
  it.each([
    ['RequestClientCert', { none: 200, ours: 200, stranger: 200 }],
    ['VerifyClientCertIfGiven', { none: 200, ours: 200, stranger: 403 }],
    ['RequireAndVerifyClientCert', { none: false, ours: 200, stranger: false }],
  ] as const)('%s lets in whom it should', async (type, expected) => {
    const file = inDir('web.yml')
    const lines = ['cert_file: ours.crt', 'key_file: ours.key', 'client_ca_file: ours.crt']
    writeFileSync(file, `tls_server_config:\n  ${[...lines, `client_auth_type: ${type}`].join('\n  ')}\n`)
    const tls = tlsOfFile(readWebFile(file, '--web.config.file').tls_server_config!, file)
    const server = tlsServer(tls, {}, (_, response) => response.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const [none, ours, stranger] = await Promise.all([ask(port), ask(port, 'ours'), ask(port, 'stranger')])
      const seen = { none, ours, stranger }
      for (const who of ['none', 'ours', 'stranger'] as const) {
        if (expected[who] === false) expect(seen[who]).toBeTypeOf('string')
        else expect(seen[who]).toBe(expected[who])
      }
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
