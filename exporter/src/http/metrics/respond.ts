import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { GZIP, gzipped } from './gzip.js'

/** Sends a short text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  send(response, status, 'text/plain; charset=utf-8', text, headers)
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  send(response, status, 'application/json', JSON.stringify(value), headers)
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { 'content-type': contentType, 'content-length': length, ...headers })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

/** What is smaller is compressed and sent at once, which costs less than a stream. Bytes. */
const SMALL = 256 * 1024
/** Where the beginning of an answer is put together. */
const BEGIN = Buffer.allocUnsafeSlow(SMALL)

/**
 * Sends chunks as they are made, compressed when the client asks for it; a client that goes away ends it.
 * @param chunks each is only looked at until the next one is asked for
 */
export async function sendChunks(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: string,
  chunks: Iterable<Buffer>,
): Promise<void> {
  const gzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(request.headers['accept-encoding'] ?? '')
  const headers = {
    'content-type': contentType,
    vary: 'Accept, Accept-Encoding',
    ...(gzip && { 'content-encoding': 'gzip' }),
  }
  if (request.method === 'HEAD') {
    response.writeHead(200, headers).end()
    return
  }
  const rest = chunks[Symbol.iterator]()
  let bytes = 0
  let next = rest.next()
  for (; !next.done && bytes + next.value.length <= SMALL; next = rest.next()) {
    BEGIN.set(next.value, bytes)
    bytes += next.value.length
  }
  const begin = BEGIN.subarray(0, bytes)
  if (next.done) {
    const body = gzip ? gzipSync(begin, GZIP) : Buffer.from(begin)
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
    return
  }
  response.writeHead(200, headers)
  const sent = finished(response)
  // It is waited for below; what ends the chunks before that ends the response, too.
  sent.catch(() => undefined)
  const all = chain(Buffer.from(begin), next.value, rest)
  for await (const piece of gzip ? gzipped(all) : all) await Promise.race([sent, written(response, piece)])
  response.end()
  await sent
}

function* chain(begin: Buffer, next: Buffer, rest: Iterator<Buffer>): Generator<Buffer> {
  if (begin.length > 0) yield begin
  for (let one: IteratorResult<Buffer> = { value: next }; !one.done; one = rest.next()) yield one.value
}

/** Waits until a piece is out of our hands. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(piece, (error) => (error ? reject(error) : resolve()))
  })
}
