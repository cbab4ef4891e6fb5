import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

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

/** Chunks are joined up to about this size before they are written. Characters. */
const WRITE_SIZE = 64 * 1024

/** Streams chunks as they are made, compressed when the client asks for it; a client that goes away ends it. */
export async function sendChunks(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: string,
  chunks: Iterable<string>,
): Promise<void> {
  const gzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(request.headers['accept-encoding'] ?? '')
  response.writeHead(200, {
    'content-type': contentType,
    vary: 'Accept-Encoding',
    ...(gzip && { 'content-encoding': 'gzip' }),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  const source = Readable.from(joined(chunks), { objectMode: false })
  // Level 1: level 6 takes three times the CPU for a fifth less bytes.
  await (gzip ? pipeline(source, createGzip({ level: 1 }), response) : pipeline(source, response))
}

function* joined(chunks: Iterable<string>): Generator<Buffer> {
  let text = ''
  for (const chunk of chunks) {
    text += chunk
    if (text.length >= WRITE_SIZE) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text)
}
