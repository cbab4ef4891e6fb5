import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Scope } from '../src/contract/tokens.js'
import { controlApp, type ControlApp } from '../src/http/control/app.js'
import type { ControlOptions } from '../src/http/control/context.js'
import { makeToken, TokenStore } from '../src/http/control/tokens.js'
import { controlOptions, FakeOperations, NOW, watched } from './fakes.js'
import { MemoryLog } from './memory-log.js'

export interface TokenSpec {
  readonly scopes: readonly Scope[]
  readonly clusters?: readonly string[]
  readonly keyPrefixes?: readonly string[]
  readonly expires?: string
  readonly delegated?: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The parsed body; undefined where it is no JSON. */
  readonly body: Record<string, unknown>
}

export interface TestControl {
  readonly url: string
  readonly port: number
  readonly control: ControlApp
  readonly log: MemoryLog
  readonly operations: FakeOperations
  /** Secrets by the id of their token. */
  readonly tokens: Readonly<Record<string, string>>
  readonly tokensFile: string
  readonly warnings: string[]
  readonly errors: unknown[]
  /** Sends a request whose path goes out as it stands. `token` is an id, or a header of its own by `headers`. */
  ask(method: string, path: string, options?: Ask): Promise<Answer>
  stop(): Promise<void>
}

export interface Ask {
  readonly token?: string
  readonly body?: unknown
  readonly raw?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** The API on a free port, with clusters `demo` and `other`, and tokens as given (undefined: none at all). */
export async function startTestControl(
  tokens: Readonly<Record<string, TokenSpec>> | undefined,
  options: Partial<ControlOptions> = {},
): Promise<TestControl> {
  const directory = mkdtempSync(join(tmpdir(), 'slotwise-control-'))
  const tokensFile = join(directory, 'tokens.yml')
  const secrets: Record<string, string> = {}
  const entries = Object.entries(tokens ?? {}).map(([id, spec]) => {
    const { token, hash } = makeToken()
    secrets[id] = token
    return { id, hash, ...spec }
  })
  writeFileSync(tokensFile, stringify({ tokens: entries }))
  const warnings: string[] = []
  const errors: unknown[] = []
  const log = new MemoryLog()
  const operations = new FakeOperations()
  const onWarning = (message: string) => void warnings.push(message)
  const clock = options.clock ?? (() => NOW)
  const control = controlApp({
    ...controlOptions({ log, operations, clock }),
    clusters: [watched('demo'), watched('other')],
    tokens: tokens && new TokenStore(tokensFile, { clock, onWarning }),
    onWarning,
    onError: (error) => void errors.push(error),
    ...options,
    limits: { requests: 1e6, writes: 1e6, failures: 1e6, ...options.limits },
  })
  const server = createServer(control.handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    control,
    log,
    operations,
    tokens: secrets,
    tokensFile,
    warnings,
    errors,
    ask: (method, path, given = {}) => ask(port, method, path, secrets, given),
    stop: async () => {
      await control.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true })
    },
  }
}

function ask(
  port: number,
  method: string,
  path: string,
  secrets: Readonly<Record<string, string>>,
  { token, body, raw, headers = {} }: Ask,
): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${secrets[token] ?? token}` }),
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const json =
            /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '') && text !== ''
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: (json ? JSON.parse(text) : {}) as Record<string, unknown>,
          })
        })
      },
    )
    sent.on('error', reject)
    // As bytes: text would have Node encode the headers as it encodes the body.
    sent.end(payload === undefined ? undefined : Buffer.from(payload))
  })
}
