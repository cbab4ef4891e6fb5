/** The preview host's HTTP: admission first, then one handler by the first part of the path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Access, type Session } from './access.js'
import { resourceUrl, runQueries } from './data-source.js'
import { actionsOf, readManifests, ROLES, type Role } from './manifest.js'
import { bootFor, hostPage, PAGE_POLICY, publicManifest, refusalPage } from './page.js'
import { forward } from './plugin-proxy.js'
import { decide } from './proxy-rules.js'
import { readJson, sendJson, TooLarge } from './json.js'
import { PluginSettings } from './settings.js'
import { serveFile } from './static-files.js'
import { USERS } from './users.js'

export interface PreviewServerOptions {
  port: number
  key: string
  /** The built plugin. */
  pluginDir: string
  /** The built client of the host, with Grafana's icons and fonts. */
  hostDir: string
  prometheusUrl: string
  /** jsonData and secureJsonData of the plugin. */
  settings: { jsonData: Record<string, unknown>; secureJsonData: Record<string, string> }
  /** One line a request: method, path without its query, status, ms. */
  log: (line: string) => void
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  method: string
  /** As it came, without the query. */
  path: string
  /** With its question mark, or empty. */
  query: string
  session: Session
}

/** What no honest path holds; an upstream might read it as another path than the rules did. */
const PATH_TRICKS = /\.\.|\/\/|\\|%2e|%2f|%5c|%00/i

export function createPreviewServer(options: PreviewServerOptions): Server {
  const { key, port, log } = options
  const access = new Access(key, port)
  const handle = createHandler(options)
  const server = createServer((request, response) => {
    const began = performance.now()
    const { method = 'GET', url: target = '/' } = request
    const path = target.split('?', 1)[0] ?? '/'
    response.on('close', () =>
      log(`${method} ${path} ${response.statusCode} ${Math.round(performance.now() - began)} ms`),
    )
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'same-origin')
    response.setHeader('x-frame-options', 'DENY')
    if (!target.startsWith('/') || PATH_TRICKS.test(path))
      return void sendJson(response, 400, { message: 'the path is refused' })
    const admission = access.admit({ method, target, headers: request.headers })
    if (admission.kind === 'refused') {
      const { status, reason } = admission
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      return void response.end(refusalPage(status, reason))
    }
    if (admission.kind === 'entered') {
      const { cookie, location } = admission
      return void response
        .writeHead(303, { location, 'set-cookie': cookie, 'cache-control': 'no-store' })
        .end()
    }
    const query = target.slice(path.length)
    handle({ request, response, method, path, query, session: admission.session }).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else if (error instanceof TooLarge) sendJson(response, 413, { message: error.message })
      else sendJson(response, 400, { message: error instanceof Error ? error.message : 'bad request' })
    })
  })
  return server
}

function createHandler(options: PreviewServerOptions): (exchange: Exchange) => Promise<void> {
  const { pluginDir, hostDir, prometheusUrl } = options
  const manifests = readManifests(pluginDir)
  const { app } = manifests
  const settings = new PluginSettings(options.settings.jsonData, options.settings.secureJsonData)

  const proxy = ({ request, response, method, query, session }: Exchange, path: string): void => {
    const { role } = session
    const decision = decide(app, { method, path, query, role }, settings.templateData)
    if (!decision.allowed) return void sendJson(response, decision.status, { message: decision.message })
    forward(request, response, { ...decision, user: USERS[role] })
  }

  const appSettings = async ({ request, response, method, session }: Exchange): Promise<void> => {
    if (method === 'GET') return void sendJson(response, 200, { ...publicManifest(app), ...settings.shown() })
    if (method !== 'POST') return void sendJson(response, 405, { message: 'GET or POST' })
    if (!actionsOf(session.role, app).has('plugins:write'))
      return void sendJson(response, 403, { message: 'You need the permission plugins:write.' })
    settings.update(await readJson(request))
    sendJson(response, 200, { message: 'Plugin settings updated' })
  }

  const query = async ({ request, response }: Exchange): Promise<void> => {
    const body = await readJson(request)
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const answer = await runQueries(prometheusUrl, body, gone.signal)
    sendJson(response, answer.status, answer.body)
  }

  const resource = ({ request, response, method, query, session }: Exchange, path: string): void => {
    const url = method === 'GET' ? resourceUrl(prometheusUrl, path, query) : undefined
    if (!url) return void sendJson(response, 404, { message: 'no such resource' })
    forward(request, response, { url, headers: [], user: USERS[session.role] })
  }

  const setRole = async ({ request, response, session }: Exchange): Promise<void> => {
    const { role } = (await readJson(request)) as { role?: unknown }
    if (!ROLES.includes(role as Role))
      return void sendJson(response, 400, { message: `role must be one of ${ROLES.join(', ')}` })
    session.role = role as Role
    sendJson(response, 200, { role })
  }

  const page = ({ response, session }: Exchange): void => {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': PAGE_POLICY,
    })
    response.end(hostPage(bootFor(USERS[session.role], manifests)))
  }

  const file =
    (folder: string) =>
    ({ request, response }: Exchange, path: string): void =>
      serveFile(folder, path, request, response)

  type Handler = (exchange: Exchange, rest: string) => void | Promise<void>
  const handlers: readonly (readonly [verbs: string, start: string, handler: Handler])[] = [
    ['*', `/api/plugin-proxy/${app.id}/`, proxy],
    ['*', `/api/plugins/${app.id}/settings`, appSettings],
    ['POST', '/api/ds/query', query],
    ['GET', '/api/datasources/uid/prometheus/resources/', resource],
    ['POST', '/preview/role', setRole],
    [
      '*',
      '/api/',
      ({ response }) => sendJson(response, 404, { message: 'the preview host has no such call' }),
    ],
    ['GET', `/public/plugins/${app.id}/`, file(pluginDir)],
    ['GET', '/public/', file(hostDir)],
    ['GET', '/', page],
  ]
  return async (exchange) => {
    const { method, path, response } = exchange
    const verb = method === 'HEAD' ? 'GET' : method
    const found = handlers.find(([verbs, start]) => {
      const fits = start.endsWith('/') ? path.startsWith(start) : path === start
      return fits && (verbs === '*' || verbs === verb)
    })
    if (!found) return void sendJson(response, 405, { message: `${method} is not possible here` })
    await found[2](exchange, path.slice(found[1].length))
  }
}
