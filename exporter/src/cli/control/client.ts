import { linesOf } from '../../events/lines.js'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { z } from 'zod'
import { endpoints, type Endpoint, type EndpointName } from '../../contract/endpoints.js'
import type { StoredEvent } from '../../contract/events.js'

type Part<N extends EndpointName, P extends string> =
  (typeof endpoints)[N] extends Record<P, infer Schema extends z.ZodType> ? Schema : never
export type AnswerOf<N extends EndpointName> = z.output<Part<N, 'answer'>>

export interface Request<N extends EndpointName> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: z.input<Part<N, 'body'>>
}

/** The API refused, or it cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    message: string,
    /** The problem document; absent when nothing was answered. */
    readonly problem?: Readonly<Record<string, unknown>>,
    readonly status?: number,
  ) {
    super(message)
  }

  /** Whether the same request may get through later: nothing was answered, too many requests, or unavailable. */
  get passing(): boolean {
    return this.status === undefined || this.status === 429 || this.status === 502 || this.status === 503
  }
}

/** The control API as functions. */
export class ControlClient {
  constructor(
    private readonly api: string,
    private readonly token: string | undefined,
    /** What is done with each answer before anybody sees it. */
    private readonly clean: <T>(answer: T) => T = (answer) => answer,
  ) {}

  /** @throws ApiError */
  async call<N extends EndpointName>(name: N, request: Request<N> = {}): Promise<AnswerOf<N>> {
    const response = await this.#send(name, request, { accept: 'application/json' })
    return this.clean((await response.json()) as AnswerOf<N>)
  }

  /**
   * Events as they come, after a position.
   * @param onTrimmed told that events behind that position are gone, and up to where
   * @throws ApiError when the stream cannot be had; ends when it breaks off
   */
  async *events(
    after: string,
    query: Readonly<Record<string, string>>,
    onTrimmed: (through: string) => void,
  ): AsyncGenerator<StoredEvent> {
    const response = await this.#send(
      'streamEvents',
      { query: { ...query, ...(after !== '' && { after }) } },
      {
        accept: 'text/event-stream',
      },
    )
    const messages = response
      .body!.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
    const reader = messages.getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true as const, value: undefined }))
        if (done) return
        if (value.event === 'trimmed') onTrimmed((JSON.parse(value.data) as { through: string }).through)
        else yield this.clean(JSON.parse(value.data) as StoredEvent)
      }
    } finally {
      await reader.cancel().catch(() => undefined)
    }
  }

  /**
   * The lines of a stream.
   * @throws ApiError when it cannot be had, or breaks off
   */
  async *lines(name: EndpointName): AsyncGenerator<string, void, undefined> {
    const response = await this.#send(name, {}, { accept: '*/*' })
    try {
      yield* linesOf(response.body!.pipeThrough(new TextDecoderStream()))
    } catch (error) {
      throw new ApiError(
        `the answer of ${this.api} broke off: ${causeOf(error)}; what slotwise serve logs says why`,
      )
    }
  }

  async #send<N extends EndpointName>(
    name: N,
    { params = {}, query = {}, body }: Request<N>,
    headers: Record<string, string>,
  ): Promise<Response> {
    const { method, path }: Endpoint = endpoints[name]
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key]!))
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    ).toString()
    const response = await fetch(`${this.api}/api/v1${filled}${search === '' ? '' : `?${search}`}`, {
      method: method.toUpperCase(),
      redirect: 'error',
      headers: {
        ...headers,
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new ApiError(
        `cannot reach the control API at ${this.api}: ${causeOf(error)}; is slotwise serve running there (--api)?`,
      )
    })
    if (response.ok) return response
    throw await problemOf(response, this.clean)
  }
}

async function problemOf(response: Response, clean: <T>(answer: T) => T): Promise<ApiError> {
  const text = await response.text()
  try {
    const problem = clean(JSON.parse(text) as Record<string, unknown>)
    const { title, detail } = problem
    const said = [title, detail].filter((part) => typeof part === 'string').join(': ')
    return new ApiError(`${said || 'refused'} (${response.status})`, problem, response.status)
  } catch {
    const message = `${response.url} answered ${response.status} without a problem document; is that the control API (--api)?`
    return new ApiError(message, undefined, response.status)
  }
}

/** fetch hides why behind "fetch failed". */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } }
  return cause?.code === 'ECONNREFUSED' ? 'connection refused' : (cause?.code ?? cause?.message ?? message)
}
