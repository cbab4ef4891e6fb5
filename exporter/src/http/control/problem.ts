import type { ServerResponse } from 'node:http'
import { problemCodes, problemType, type ProblemCode } from '../../contract/problems.js'

/** Why a request is refused, for the person who made it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly code: ProblemCode,
    detail: string,
    /** Further members of the problem document. */
    readonly members: Readonly<Record<string, unknown>> = {},
    /** Counted as a denied attempt; 401, 403 and 429 always are. */
    readonly denied = false,
  ) {
    super(detail)
  }

  get status(): number {
    return problemCodes[this.code][0]
  }
}

const RESERVED = new Set(['type', 'title', 'status', 'detail', 'instance'])

/** Answers with a problem document (RFC 9457). `path` is shown as the instance, without query. */
export function sendProblem(response: ServerResponse, refusal: Refusal, path: string): void {
  const { code, status, message, members } = refusal
  const document = {
    type: problemType(code),
    title: problemCodes[code][1],
    status,
    detail: message,
    instance: path,
    ...Object.fromEntries(Object.entries(members).filter(([name]) => !RESERVED.has(name))),
  }
  const body = redact(JSON.stringify(document))
  if (status === 401) {
    const error = message.startsWith('no token') ? '' : ', error="invalid_token"'
    response.setHeader('www-authenticate', `Bearer realm="slotwise"${error}`)
  }
  if (status === 503 || (status === 429 && !response.hasHeader('retry-after')))
    response.setHeader('retry-after', '5')
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

/** Takes out what looks like a token, wherever somebody may have put it. */
export function redact(text: string): string {
  return text.replace(/sw_[A-Za-z0-9_-]{20,}/g, 'sw_(redacted)')
}

/** The path of a request as answers, logs and events may show it: no query, no token, bounded. */
export function shownPath(url: string | undefined): string {
  const path = redact((url ?? '/').split(/[?#]/, 1)[0]!)
  return path.length > 200 ? `${path.slice(0, 200)}…` : path
}

const LONGEST_NAME = 128

/** A name as the log may have it: no control and formatting characters, no token, bounded; undefined: nothing is left. */
export function cleanName(name: string): string | undefined {
  const clean = redact(name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim())
  return clean === '' ? undefined : Array.from(clean).slice(0, LONGEST_NAME).join('')
}
