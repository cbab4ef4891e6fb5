import { createReadStream, statSync, type Stats } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** An icon of Grafana's core that no package has: nothing, rather than an error in the browser's console. */
const NO_ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"/>'

/** Answers with a file below a folder; 404 when it is not there. @param path without a leading slash */
export function serveFile(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const file = resolve(join(folder, decode(path)))
  const stats = file.startsWith(resolve(folder) + sep) ? fileStats(file) : undefined
  if (!stats) {
    if (path.endsWith('.svg')) response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(NO_ICON)
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found')
    return
  }
  const etag = `"${stats.size.toString(36)}-${Math.round(stats.mtimeMs).toString(36)}"`
  const headers = { etag, 'cache-control': 'no-cache' }
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end()
  response.writeHead(200, {
    ...headers,
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': stats.size,
  })
  if (request.method === 'HEAD') return void response.end()
  const content = createReadStream(file)
  content.on('error', () => response.destroy())
  response.on('close', () => content.destroy())
  content.pipe(response)
}

function fileStats(file: string): Stats | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() ? stats : undefined
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}
