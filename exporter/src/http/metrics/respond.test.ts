import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { sendChunks } from './respond.js'

const SIZE = 100_000

/** Chunks as `assemble` lends them: each is written over as soon as the next one is asked for. */
function* lent(count: number): Generator<Buffer> {
  const chunk = Buffer.alloc(SIZE)
  for (let i = 0; i < count; i++) yield chunk.fill(letter(i))
  chunk.fill('!')
}
const letter = (i: number) => String.fromCharCode(97 + (i % 26))
const textOf = (count: number) => Array.from({ length: count }, (_, i) => letter(i).repeat(SIZE)).join('')

/** What a server answers one request with; `take` gets the answer. */
async function ask(
  listener: RequestListener,
  headers: Record<string, string>,
  take: (answer: IncomingMessage) => Promise<unknown>,
): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const [answer] = (await once(get({ port, host: '127.0.0.1', headers }), 'response')) as [IncomingMessage]
    await take(answer)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

describe('sendChunks', () => {
  it.each([1, 2, 3, 40])(
    'sends %d chunks as they were when they were lent, compressed or not',
    async (count) => {
      for (const encoding of ['identity', 'gzip']) {
        await ask(
          (request, response) => void sendChunks(request, response, 'text/plain', lent(count)),
          { 'accept-encoding': encoding },
          async (answer) => {
            const body = await buffer(answer)
            const text = encoding === 'gzip' ? gunzipSync(body) : body
            expect(text.toString() === textOf(count)).toBe(true)
          },
        )
      }
    },
  )

  it.each(['identity', 'gzip'])('ends with its client (%s)', async (encoding) => {
    let sending: Promise<void> | undefined
    const endless = function* (): Generator<Buffer> {
      for (;;) yield* lent(1)
    }
    await ask(
      (request, response) => {
        sending = sendChunks(request, response, 'text/plain', endless())
        sending.catch(() => undefined)
      },
      { 'accept-encoding': encoding },
      async (answer) => {
        await once(answer, 'data')
        answer.destroy()
        await expect(sending).rejects.toThrow()
      },
    )
  })
})
