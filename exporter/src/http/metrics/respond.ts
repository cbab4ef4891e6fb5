import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { createGzip, gzipSync, type ZlibOptions } from 'node:zlib'

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

/** Level 6 takes three times the CPU of level 1 for a fifth less bytes. */
const GZIP: ZlibOptions = { level: 1, chunkSize: 64 * 1024 }

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
  const begin: Buffer[] = []
  let bytes = 0
  let next = rest.next()
  for (; !next.done && bytes + next.value.length <= SMALL; next = rest.next()) {
    begin.push(Buffer.from(next.value))
    bytes += next.value.length
  }
  if (next.done) {
    const text = begin.length === 1 ? begin[0]! : Buffer.concat(begin)
    const body = gzip ? gzipSync(text, GZIP) : text
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
    return
  }
  response.writeHead(200, headers)
  const packing = gzip ? createGzip(GZIP) : undefined
  const sink = packing ?? response
  const sent = packing ? pipeline(packing, response) : finished(response)
  for (const chunk of begin) await Promise.race([sent, written(sink, chunk)])
  for (; !next.done; next = rest.next()) await Promise.race([sent, written(sink, next.value)])
  sink.end()
  await sent
}

/** Waits until a chunk is out of our hands. */
function written(sink: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}
