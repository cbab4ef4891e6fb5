import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { assemble, type Page } from '../../exposition/page.js'
import {
  assembleOpenMetrics,
  OPENMETRICS_CONTENT_TYPE,
  OPENMETRICS_END,
  openMetricsOf,
} from '../../exposition/openmetrics.js'
import { TEXT_CONTENT_TYPE } from '../../exposition/text.js'
import type { Cluster } from '../../redis/cluster.js'
import { clusterNodeGroup, targetGroups } from '../../services/discovery/http-sd.js'
import type { Scraper } from '../../services/scraper/scraper.js'
import { TargetError, type Targets } from '../../services/scraper/targets.js'
import { landingPage } from './landing.js'
import { wantsOpenMetrics } from './negotiate.js'
import { keysNamed, type ScrapeKeys } from './scrape-keys.js'
import { send, sendChunks, sendJson, sendText } from './respond.js'
import { scrapeTimeoutMs } from './timeout.js'

export interface MetricsHandlerOptions {
  readonly clusters: readonly Cluster[]
  readonly scraper: Scraper
  /** False: this process answers for itself alone. */
  readonly scrapes?: boolean
  /** Undefined when /scrape is switched off. */
  readonly targets: Targets | undefined
  /** Keys that requests may name; undefined: none. */
  readonly keys?: ScrapeKeys
  /** The cluster that a single node stands for (--is-cluster), for /discover-cluster-nodes. */
  readonly wholeCluster?: Cluster | undefined
  readonly namespace: string
  readonly clusterLabel: string
  readonly telemetryPath: string
  /** host:port for /sd; empty: the Host of the request. */
  readonly externalAddress: string
  readonly nodeTimeoutMs: number
  /** Answers in OpenMetrics whoever prefers it. */
  readonly openMetrics?: boolean
  readonly version: string
  /** Reads passwords anew (POST /-/reload); throws for people. Undefined when there is nothing to read. */
  readonly reload?: (() => void) | undefined
  /** Whether whoever comes here has shown a password. */
  readonly guarded?: boolean
  /** Metrics of the process itself, rendered. */
  readonly processMetrics: () => Promise<string>
  readonly onError: (error: unknown, path: string) => void
}

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void

/** Codes of errors that say no more than that the client went away. */
const CLIENT_LEFT: ReadonlySet<string> = new Set([
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
])

/** The metrics listener: plain node:http, because express costs more than reading a node. */
export function metricsHandler(options: MetricsHandlerOptions): RequestListener {
  const { clusters, scraper, scrapes = true, targets, telemetryPath } = options
  const timeoutMs = (request: IncomingMessage) => scrapeTimeoutMs(request.headers, options.nodeTimeoutMs)

  const expose = async (
    request: IncomingMessage,
    response: ServerResponse,
    pages: Page[],
    withProcess: boolean,
  ) => {
    const more = withProcess ? await options.processMetrics() : ''
    const { namespace } = options
    if (options.openMetrics && wantsOpenMetrics(request.headers.accept)) {
      await sendChunks(request, response, OPENMETRICS_CONTENT_TYPE, openMetricsChunks(pages, namespace, more))
    } else await sendChunks(request, response, TEXT_CONTENT_TYPE, chunksOf(pages, namespace, more))
  }

  const routes: Record<string, Handler> = {
    '/': (_, response) =>
      send(
        response,
        200,
        'text/html; charset=utf-8',
        landingPage(
          options.version,
          telemetryPath,
          clusters.map(({ name }) => name),
        ),
      ),
    [telemetryPath]: async (request, response, url) => {
      const only = url.searchParams.get('cluster') ?? undefined
      if (only !== undefined && !clusters.some(({ name }) => name === only)) {
        sendText(response, 404, `no cluster is called ${only}; configured: ${listed(clusters)}\n`)
        return
      }
      const pages = scrapes ? await scraper.all(timeoutMs(request), only) : scraper.fleet()
      await expose(request, response, pages, true)
    },
    '/metrics/fleet': (request, response) => expose(request, response, scraper.fleet(), true),
    '/scrape': async (request, response, url) => {
      if (!targets) {
        sendText(response, 404, '/scrape is switched off (--disable-scrape-endpoint)\n')
        return
      }
      const { searchParams } = url
      const query = keysNamed(searchParams, options.keys)
      const serverName = searchParams.get('tls_server_name') ?? searchParams.get('tls-server-name')
      const found = targets.find(searchParams.get('target'), serverName ?? undefined)
      const target = query ? { read: (timeoutMs: number) => found.read(timeoutMs, query) } : found
      await expose(request, response, await scraper.node(target, timeoutMs(request)), false)
    },
    '/sd': (request, response) => {
      // Prometheus keeps the targets that it has.
      const untried = clusters.find(({ isTried }) => !isTried)
      if (untried) {
        const why = `cluster ${untried.name} is being read for the first time`
        sendText(response, 503, `${why}\n`, { 'retry-after': '5' })
        return
      }
      const exporter = options.externalAddress || (request.headers.host ?? '')
      sendJson(response, 200, targetGroups(clusters, { exporter, clusterLabel: options.clusterLabel }))
    },
    '/discover-cluster-nodes': async (_, response) => {
      const { wholeCluster } = options
      if (wholeCluster) {
        await wholeCluster.refresh()
        if (wholeCluster.errors.length > 0) sendText(response, 500, `${wholeCluster.errors.join('; ')}\n`)
        else sendJson(response, 200, clusterNodeGroup([wholeCluster]))
      } else if (clusters.length === 0)
        sendText(response, 400, 'no cluster is configured; give its name with --cluster.name\n')
      else if (clusters.some(({ isTried }) => !isTried))
        sendText(response, 500, 'a cluster is being read for the first time\n')
      else sendJson(response, 200, clusterNodeGroup(clusters))
    },
    '/-/reload': (request, response) => reload(request, response, options),
    '/health': (_, response) => sendText(response, 200, 'ok'),
    '/-/healthy': (_, response) => sendText(response, 200, 'Slotwise is healthy.\n'),
    '/-/ready': (_, response) => sendText(response, 200, 'Slotwise is ready.\n'),
  }

  if (!scrapes)
    for (const path of ['/scrape', '/sd', '/discover-cluster-nodes'])
      routes[path] = (_, response) =>
        sendText(response, 404, `this process does not scrape (--services); ask one that does for ${path}\n`)

  return (request, response) => {
    const url = urlOf(request)
    const handler = url && Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined
    if (!url) sendText(response, 400, 'the request has no valid path\n')
    else if (!handler) sendText(response, 404, `nothing at ${url.pathname}; / lists what there is\n`)
    else if (!methodsOf(url.pathname).includes(request.method ?? '')) {
      const allow = methodsOf(url.pathname).join(', ')
      sendText(response, 405, `${allow}\n`, { allow })
    } else {
      Promise.resolve(handler(request, response, url)).catch((error: unknown) => {
        fail(error, url.pathname, response)
      })
    }
  }

  function fail(error: unknown, path: string, response: ServerResponse): void {
    if (error instanceof TargetError) {
      scraper.refuse()
      sendText(response, error.status, `${error.message}\n`)
      return
    }
    if (CLIENT_LEFT.has((error as NodeJS.ErrnoException).code ?? '')) return
    options.onError(error, path)
    if (response.headersSent) response.destroy()
    else sendText(response, 500, 'internal error; the log of the exporter has it\n')
  }
}

function methodsOf(path: string): readonly string[] {
  return path === '/-/reload' ? ['POST', 'PUT'] : ['GET', 'HEAD']
}

/** Whoever has shown no password may do this only from this machine, and no web page that somebody looks at there. */
function reload(
  { socket, headers }: IncomingMessage,
  response: ServerResponse,
  { guarded, reload }: MetricsHandlerOptions,
): void {
  const isLocal = /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '')
  if (!guarded && !isLocal) {
    sendText(
      response,
      403,
      'from another machine this needs a password: --basic-auth-username, --web.config.file\n',
    )
  } else if (headers.origin !== undefined) {
    sendText(response, 403, 'this is not taken from a web page (Origin)\n')
  } else if (!reload) {
    sendText(response, 400, 'there is no password file (--redis.password-file, clusters[].passwordFile)\n')
  } else {
    try {
      reload()
      sendText(response, 200, 'ok')
    } catch (error) {
      sendText(response, 500, `the passwords stay as they were: ${(error as Error).message}\n`)
    }
  }
}

/** What a URL parser would take for another host (`//host/path`, `/\host`, `http://host/path`) is no path here. */
function urlOf(request: IncomingMessage): URL | undefined {
  const path = request.url ?? '/'
  if (!/^\/(?![/\\])/.test(path)) return undefined
  return URL.canParse(path, 'http://exporter') ? new URL(path, 'http://exporter') : undefined
}

function* chunksOf(pages: readonly Page[], namespace: string, more: string): Generator<Buffer> {
  yield* assemble(pages, namespace)
  if (more !== '') yield Buffer.from(more)
}

function* openMetricsChunks(pages: readonly Page[], namespace: string, more: string): Generator<Buffer> {
  yield* assembleOpenMetrics(pages, namespace)
  yield Buffer.from(openMetricsOf(more) + OPENMETRICS_END)
}

function listed(clusters: readonly Cluster[]): string {
  return clusters.map(({ name }) => name).join(', ') || 'none'
}
