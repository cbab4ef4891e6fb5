import type { IncomingMessage, RequestListener } from 'node:http'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { rateLimit } from 'express-rate-limit'
import { LogUnavailable } from '../../events/log.js'
import { OperationError } from '../../operations/operations.js'
import { sourceOf } from '../source.js'
import { alertHandlers } from './alerts.js'
import { ANYBODY, authenticate, claimedLogin, NOBODY, refuseForeign } from './access.js'
import { through } from './body.js'
import { clusterHandlers } from './clusters.js'
import { STANDARD_LIMITS, type ControlOptions } from './context.js'
import { Denials } from './denials.js'
import { EventStreams } from './event-stream.js'
import { eventHandlers } from './events.js'
import { evictionHandlers } from './eviction.js'
import { FairQueue } from './fair-queue.js'
import { freezeHandlers } from './freeze.js'
import { operationHandlers } from './operations.js'
import { isPlainPath } from './paths.js'
import { planHandlers } from './plans.js'
import { Refusal, sendProblem, shownPath } from './problem.js'
import { mount } from './route.js'
import type { Principal } from './tokens.js'
import { Turns } from './turns.js'
import { Visibility } from './visibility.js'
import { warmupHandlers } from './warmup.js'
import { whoamiHandlers } from './whoami.js'

export const API = '/api/v1'
const OPEN_PATH = `${API}/openapi.json`
/** Alertmanager does not send again what was answered with 429: alerts count as requests, but not as writes. */
const ALERTS_PATH = `${API}/alerts`
/** Reads the whole log. */
const VERIFY_PATH = `${API}/events/verify`
/** What stops something has a limit of its own: no flood of other requests keeps anybody from it. */
const STOPS = /^\/api\/v1\/(operations\/[^/]+\/(pause|cancel)|plans\/[^/]+\/cancel|freeze)$/
/** Pages of events that are read at a time: what appends, and renews its lease, stands behind these at most. */
const READS = 2
/** So much more than one of its users may all users of a delegated token together: their names are only claimed. */
const USERS = 20

export interface ControlApp {
  /** Checks the raw path, then hands on to `app`. */
  readonly handler: RequestListener
  /** Whether an answer is still being made for this connection. */
  readonly answers: (socket: IncomingMessage['socket']) => boolean
  readonly app: Express
  /** Ends the event streams and appends the refused requests that were counted. */
  close(): Promise<void>
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The control API: every call of contract/endpoints.ts under /api/v1. */
export function controlApp(options: ControlOptions): ControlApp {
  const { log, tokens, clock, onWarning, onError } = options
  const limits = { ...STANDARD_LIMITS, ...options.limits }
  const denials = new Denials({ log, stream: `access/${options.processId}`, clock, onWarning })
  const heartbeatMs = options.heartbeatMs ?? 15_000
  const reads = new FairQueue(READS)
  const streams = new EventStreams({ log, tokens, limits, heartbeatMs, reads, onWarning })
  const visibility = new Visibility(options.clusters, options.operations, options.sources)

  const failures = limiter(limits.failures, addressOf)
  const perCaller = (limit: number, options: { skipFailedRequests?: boolean } = {}) => {
    const ofToken = limiter(limit * USERS, callerOf, options)
    const ofUser = limiter(limit, userOf, options)
    return async (request: Request, response: Response) => {
      if (principalOf(response).delegated) await through(ofToken, request, response)
      await through(ofUser, request, response)
    }
  }
  const requests = perCaller(limits.requests)
  const writes = perCaller(limits.writes, { skipFailedRequests: true })
  const stops = perCaller(limits.stops)
  const verifies = perCaller(limits.verifies)

  const admit: RequestHandler = async (request, response, next) => {
    refuseForeign(request, tokens === undefined)
    if (request.path !== OPEN_PATH) {
      try {
        response.locals.principal = authenticate(request, tokens)
      } catch (error) {
        await through(failures, request, response)
        throw error
      }
    }
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (!reads && STOPS.test(request.path)) await stops(request, response)
    else {
      await requests(request, response)
      if (request.path === VERIFY_PATH) await verifies(request, response)
      if (!reads && request.path !== ALERTS_PATH) await writes(request, response)
    }
    next()
  }

  const noteDenied = ({ status, members, denied }: Refusal, request: Request, response: Response) => {
    if (status !== 401 && status !== 403 && status !== 429 && !denied) return
    const principal = principalOf(response)
    const token = isToken(principal) ? principal.id : members.tokenId
    denials.note({
      source: sourceOf(request.socket.remoteAddress),
      ...(typeof token === 'string' && { token }),
      method: request.method,
      path: shownPath(request.originalUrl),
      status,
    })
  }

  const answerError: ErrorRequestHandler = (error: unknown, request: Request, response: Response, next) => {
    if (response.headersSent || response.destroyed) {
      response.destroy()
      next()
      return
    }
    const shown =
      error instanceof OperationError ? visibility.showRefusal(principalOf(response), error) : error
    const refusal = refusalOf(shown)
    const path = shownPath(request.originalUrl)
    if (refusal.code === 'internal') onError(error, `${request.method} ${path}`)
    noteDenied(refusal, request, response)
    sendProblem(response, refusal, path)
  }

  const app = express()
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').set('query parser', false)
  const router = express.Router({ caseSensitive: true, strict: true })
  mount(
    router,
    {
      ...clusterHandlers(options, visibility),
      ...evictionHandlers(options, visibility),
      ...warmupHandlers(options, visibility),
      ...planHandlers(options, visibility),
      ...operationHandlers(options, visibility),
      ...freezeHandlers(options),
      ...alertHandlers(options, visibility),
      ...eventHandlers(options, visibility, streams, reads),
      ...whoamiHandlers(options),
    },
    principalOf,
    options.grafana,
  )
  app.use(admit)
  app.use(API, router)
  app.use(() => {
    throw new Refusal('unknown-path', `nothing is here; ${OPEN_PATH} lists what there is`)
  })
  app.use(answerError)

  const turns = new Turns()
  return {
    app,
    handler: (request, response) => {
      if (!turns.takes(request, response)) return
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
      if (isPlainPath(request.url ?? '')) app(request, response)
      else sendProblem(response, new Refusal('bad-path', 'the path has empty, dot or encoded segments'), '/')
    },
    answers: (socket) => turns.isOn(socket),
    close: async () => {
      streams.close()
      await denials.close()
    },
  }
}

const MINUTE_MS = 60_000

function limiter(
  limit: number,
  keyGenerator: (request: Request, response: Response) => string,
  options: { skipFailedRequests?: boolean } = {},
): RequestHandler {
  return rateLimit({
    ...options,
    windowMs: MINUTE_MS,
    limit,
    keyGenerator,
    standardHeaders: 'draft-6',
    legacyHeaders: false,
    // Its advice is for the key that it makes by itself.
    validate: false,
    handler: (_request, _response, next) =>
      next(
        new Refusal('rate-limited', 'too many requests within a minute; Retry-After says when to try again'),
      ),
  })
}

function addressOf({ socket }: Request): string {
  return `source ${sourceOf(socket.remoteAddress)}`
}

function callerOf(request: Request, response: Response): string {
  const principal = principalOf(response)
  return isToken(principal) ? `token ${principal.id}` : addressOf(request)
}

/** Of a delegated token each user by itself: Grafana's share three tokens. */
function userOf(request: Request, response: Response): string {
  const login = principalOf(response).delegated
    ? claimedLogin(request.headers['x-grafana-context'])
    : undefined
  return callerOf(request, response) + (login === undefined ? '' : ` for ${login}`)
}

function principalOf({ locals }: Response): Principal {
  return (locals.principal as Principal | undefined) ?? NOBODY
}

function isToken(principal: Principal): boolean {
  return principal !== ANYBODY && principal !== NOBODY
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof OperationError) return new Refusal(error.code, error.message, error.details)
  if (error instanceof LogUnavailable)
    return new Refusal('log-unavailable', `${error.message}; nothing was changed, try again when it is back`)
  return new Refusal('internal', 'this should not happen; the log of Slotwise says more')
}
