import { request, type IncomingHttpHeaders } from 'node:http'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface GetOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** ms; 10,000 unless told. */
  timeoutMs?: number
}

/** One HTTP request on a connection of its own. Redirects are not followed, the body is not unpacked. */
export function httpGet(url: string, options: GetOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMs = 10_000 } = options
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false, timeout: timeoutMs }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    asked.on('error', (error) => reject(new Error(`${method} ${url}: ${error.message}`, { cause: error })))
    asked.end(body)
  })
}

/** Whether a GET answers 200; a refused connection is a no. */
export async function answersOk(url: string): Promise<boolean> {
  return (await httpGet(url)).status === 200
}
