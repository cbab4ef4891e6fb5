import type { IncomingMessage, ServerResponse } from 'node:http'

const MOST_BYTES = 1024 * 1024

export class TooLarge extends Error {}

/** The request's body. @throws when it is no JSON object, or larger than 1 MiB */
export async function readJson(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new TooLarge('the body is larger than 1 MiB')
    chunks.push(chunk)
  }
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new Error('the body is no JSON')
  }
  if (typeof body !== 'object' || body === null) throw new Error('the body must be a JSON object')
  return body
}

export function sendJson(response: ServerResponse, status: number, body: object): ServerResponse {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  return response.end(JSON.stringify(body))
}
