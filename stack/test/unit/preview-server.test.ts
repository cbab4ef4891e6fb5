import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { httpGet } from '../../src/http.js'
import { freePorts } from '../../src/ports.js'
import { forward } from '../../src/preview/plugin-proxy.js'
import { createPreviewServer } from '../../src/preview/server.js'
import { USERS } from '../../src/preview/users.js'
import { repoRoot } from '../../src/servers.js'

const KEY = 'the-key'
const PROXY = '/api/plugin-proxy/slotwise-clusters-app'

let dir: string
let host: Server
let url: string
let cookie: string
let lines: string[] = []
/** What the upstream does with a request. */
let answer: RequestListener
let seen: IncomingMessage[] = []
let upstream: Server

beforeAll(async () => {
  upstream = createServer((incoming, response) => {
    seen.push(incoming)
    answer(incoming, response)
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  dir = mkdtempSync(join(tmpdir(), 'slotwise-preview-'))
  mkdirSync(join(dir, 'build'))
  writeFileSync(join(dir, 'build/host.js'), 'host()')
  writeFileSync(join(dir, 'secret.txt'), 'secret')
  const [port] = (await freePorts(1)) as [number]
  host = createPreviewServer({
    port,
    key: KEY,
    // The sources have the same plugin.json files where the build has them.
    pluginDir: join(repoRoot, 'grafana-app/src'),
    hostDir: dir,
    prometheusUrl: 'http://127.0.0.1:1',
    settings: {
      jsonData: { apiUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` },
      secureJsonData: { readToken: 'R', planToken: 'P', runToken: 'X' },
    },
    log: (line) => lines.push(line),
  }).listen(port, '127.0.0.1')
  await once(host, 'listening')
  url = `http://127.0.0.1:${port}`
})
afterAll(() => {
  for (const server of [host, upstream]) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(dir, { recursive: true })
})
afterEach(() => {
  lines = []
  seen = []
})

interface Asked {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

/** A request of the host's own page. */
const ask = (path: string, { method = 'GET', body, headers = {} }: Asked = {}) =>
  httpGet(`${url}${path}`, {
    method,
    headers: { cookie, origin: url, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const become = (role: string) => ask('/preview/role', { method: 'POST', body: { role } })

beforeAll(async () => {
  const entered = await httpGet(`${url}/a/slotwise-clusters-app?key=${KEY}`)
  expect(entered).toMatchObject({ status: 303, headers: { location: '/a/slotwise-clusters-app' } })
  cookie = entered.headers['set-cookie']![0]!.split(';', 1)[0]!
})

describe('without the key', () => {
  test.each(['/', '/api/ds/query', `${PROXY}/api/v1/clusters`, '/public/build/host.js'])(
    '%s is 401',
    async (path) => {
      const { status, body } = await httpGet(`${url}${path}`)
      expect(status).toBe(401)
      expect(body).toContain('npm start')
      expect(seen).toEqual([])
    },
  )

  test('a foreign host is 403 before that', async () => {
    expect(await httpGet(url, { headers: { host: 'evil.example' } })).toMatchObject({ status: 403 })
  })
})

describe('the plugin proxy', () => {
  test('keeps what is private to the caller, and adds the user and the token', async () => {
    answer = (_, response) =>
      response
        .writeHead(201, { 'set-cookie': 'a=b', 'content-security-policy': 'none', 'x-own': '1' })
        .end('{"x":1}')
    const { status, headers, body } = await ask(`${PROXY}/api/v1/clusters/demo/plans?dry=1`, {
      method: 'POST',
      body: { kind: 'warmup' },
      headers: {
        authorization: 'Bearer mine',
        referer: `${url}/a`,
        connection: 'x-hop',
        'x-hop': '1',
        'x-forwarded-host': 'evil',
        'x-forwarded-proto': 'https',
        'x-grafana-context': '{"Login":"forged"}',
        'x-grafana-id': 'forged',
        'idempotency-key': 'k',
        'content-type': 'application/json',
      },
    })
    expect({ status, body }).toEqual({ status: 201, body: '{"x":1}' })
    expect(headers).toMatchObject({ 'content-security-policy': 'sandbox', 'x-own': '1' })
    expect(headers['set-cookie']).toBeUndefined()

    const [sent] = seen
    expect(sent).toMatchObject({ method: 'POST', url: '/api/v1/clusters/demo/plans?dry=1' })
    const { 'x-grafana-context': context, ...others } = sent!.headers
    expect(JSON.parse(context as string)).toMatchObject({
      Login: 'admin',
      Email: 'admin@localhost',
      OrgRole: 'Admin',
    })
    expect(Object.keys(others).sort()).toEqual([
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'idempotency-key',
      'x-forwarded-for',
    ])
    expect(others).toMatchObject({ authorization: 'Bearer P', 'x-forwarded-for': '127.0.0.1' })
  })

  test('asks for the role on the server', async () => {
    answer = (_, response) => response.end('{}')
    for (const [role, status] of [
      ['Viewer', 403],
      ['Editor', 403],
      ['Admin', 200],
    ] as const) {
      expect(await become(role)).toMatchObject({ status: 200 })
      expect(await ask(`${PROXY}/whoami/run`)).toMatchObject({ status })
    }
    expect(seen).toHaveLength(1)
    expect(await become('King')).toMatchObject({ status: 400 })
  })

  test.each([
    'api/v1/../x',
    'api/v1/%2e%2e/x',
    'api/v1/a%2Fb',
    'api//v1',
    'api/v1/a%5cb',
    'api/v1/a\\b',
    'api/v1/%00',
  ])('refuses the path %s', async (path) => {
    expect(await rawGet(`${PROXY}/${path}`)).toBe(400)
    expect(seen).toEqual([])
  })

  test('passes a stream on as it comes, and ends it when the reader leaves', async () => {
    const events = new Promise<{ closed: Promise<unknown> }>((resolve) => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
        resolve({ closed: once(response, 'close') })
      }
    })
    const asked = request(`${url}${PROXY}/api/v1/events/stream`, { headers: { cookie } }).end()
    const [stream] = (await once(asked, 'response')) as [IncomingMessage]
    const { closed } = await events
    expect(String((await once(stream, 'data'))[0])).toBe('data: 1\n\n')
    asked.destroy()
    await closed
  })

  test('answers 502 when the upstream breaks off', async () => {
    answer = (incoming) => incoming.socket.destroy()
    expect(await ask(`${PROXY}/api/v1/clusters`)).toMatchObject({ status: 502 })
  })
})

test('an upstream that does not begin to answer in time is 504', async () => {
  answer = () => undefined
  const { port } = upstream.address() as AddressInfo
  const proxy = createServer((incoming, response) => {
    const silent = new URL(`http://127.0.0.1:${port}/`)
    forward(incoming, response, { url: silent, headers: [], user: USERS.Viewer, timeoutMs: 20 })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  try {
    const { port } = proxy.address() as AddressInfo
    expect(await httpGet(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 504 })
  } finally {
    proxy.close()
  }
})

describe('the settings', () => {
  const path = '/api/plugins/slotwise-clusters-app/settings'
  const shown = async () => JSON.parse((await ask(path)).body) as Record<string, unknown>

  test('name the secrets that are there, and tell none', async () => {
    const { body } = await ask(path)
    expect(JSON.parse(body)).toMatchObject({
      id: 'slotwise-clusters-app',
      enabled: true,
      secureJsonFields: { readToken: true, planToken: true, runToken: true },
    })
    expect(JSON.parse(body)).not.toHaveProperty('secureJsonData')
    expect(JSON.parse(body)).not.toHaveProperty('routes')
  })

  test('are changed by an administrator only, and hold from then on', async () => {
    const { jsonData } = await shown()
    const change = {
      jsonData: { ...(jsonData as object), prometheusUid: 'p' },
      secureJsonData: { readToken: 'R2', runToken: '' },
    }
    await become('Editor')
    expect(await ask(path, { method: 'POST', body: change })).toMatchObject({ status: 403 })
    await become('Admin')
    expect(await ask(path, { method: 'POST', body: change })).toMatchObject({ status: 200 })
    expect(await shown()).toMatchObject({
      jsonData: { prometheusUid: 'p' },
      secureJsonFields: { readToken: true, planToken: true, runToken: false },
    })
    answer = (_, response) => response.end('{}')
    await ask(`${PROXY}/whoami/read`)
    expect(seen[0]!.headers.authorization).toBe('Bearer R2')
    expect(await ask(path, { method: 'POST', body: { secureJsonData: { readToken: 1 } } })).toMatchObject({
      status: 400,
    })
  })
})

describe('pages and files', () => {
  test.each(['/', '/a/slotwise-clusters-app/clusters/demo', '/plugins/slotwise-clusters-app'])(
    '%s is the page, for this user, without a secret',
    async (path) => {
      await become('Viewer')
      const { status, headers, body } = await ask(path)
      expect(status).toBe(200)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      const boot = /<script type="application\/json" id="boot">(.*)<\/script>/.exec(body)?.[1]
      expect(JSON.parse(boot!)).toMatchObject({
        user: { login: 'viewer', permissions: { 'slotwise-clusters-app:read': true } },
        panels: [
          {
            id: 'slotwise-warmup-panel',
            module: '/public/plugins/slotwise-clusters-app/panels/warmup/module.js',
          },
          {},
        ],
      })
      expect(boot).not.toMatch(/slotwise-clusters-app:run"|routes/)
      await become('Admin')
    },
  )

  test('files come with their type, and not again when they have not changed', async () => {
    const { status, headers, body } = await ask('/public/build/host.js')
    expect({ status, body }).toEqual({ status: 200, body: 'host()' })
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    expect(await ask('/public/build/host.js', { headers: { 'if-none-match': headers.etag! } })).toMatchObject(
      { status: 304 },
    )
  })

  test.each([
    ['/public/none.js', 404],
    ['/public/build', 404],
    ['/public/build/img/icons/unicons/none.svg', 200],
    ['/api/none', 404],
    ['/preview/role', 200],
  ])('%s is %i', async (path, status) => {
    expect(await ask(path)).toMatchObject({ status })
  })

  test('a body that is no JSON, or too large, is refused', async () => {
    const post = (body: string) =>
      httpGet(`${url}/api/ds/query`, { method: 'POST', headers: { cookie, origin: url }, body })
    expect(await post('{')).toMatchObject({ status: 400 })
    expect(await post('x'.repeat(1024 * 1024 + 1))).toMatchObject({ status: 413 })
  })
})

test('what is logged holds neither key nor query', async () => {
  await httpGet(`${url}/?key=${KEY}&secret=1`)
  await ask('/public/none.js?secret=1')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/^GET \/ 303 \d+ ms$/)
  expect(lines.join()).not.toMatch(/key|secret/)
})

/** The status of a path as it is: URL would straighten it. */
async function rawGet(path: string): Promise<number> {
  const { hostname, port } = new URL(url)
  const asked = request({ hostname, port, path, headers: { cookie } }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode!
}
