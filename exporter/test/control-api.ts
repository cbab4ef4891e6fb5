import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { until } from '../../stack/src/until.js'
import { endpoints, type Endpoint } from '../src/contract/endpoints.js'
import type { Operation, Plan } from '../src/contract/operations.js'
import { problemDocument } from '../src/contract/problems.js'
import type { TokenEntry } from '../src/contract/tokens.js'
import { makeToken } from '../src/http/control/tokens.js'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Writes a tokens file and returns each token by its id. */
export function writeTokens(
  path: string,
  entries: readonly Omit<TokenEntry, 'hash'>[],
): Record<string, string> {
  const made = entries.map((entry) => ({ entry, ...makeToken() }))
  writeFileSync(path, stringify({ tokens: made.map(({ entry, hash }) => ({ ...entry, hash })) }), {
    mode: 0o600,
  })
  return Object.fromEntries(made.map(({ entry, token }) => [entry.id, token]))
}

const CALLS = Object.values<Endpoint>(endpoints).map(({ method, path, status, answer }) => ({
  method: method.toUpperCase(),
  path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}(\\?|$)`),
  status,
  answer,
}))

/** @throws when the answer is not what the contract, and with it the OpenAPI document, says */
function mustFit(method: string, path: string, { status, body }: Answer): void {
  const call = CALLS.find((one) => one.method === method && one.path.test(path))
  const schema = status >= 400 ? problemDocument : call?.answer
  if (status < 400 && status !== call?.status) throw new Error(`${method} ${path} answers ${status}`)
  const fits = schema?.safeParse(body)
  if (fits && !fits.success)
    throw new Error(`${method} ${path} does not fit its schema: ${fits.error.message}`)
}

/** Speaks to the control API as one token; every answer has to fit its schema. JSON in and out. */
export class ControlApi {
  constructor(
    private readonly url: string,
    private readonly token: string | undefined,
  ) {}

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = { status: response.status, body: (await response.json()) as Record<string, unknown> }
    mustFit(method, path, answer)
    return answer
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path)
  }

  /** Makes a plan and waits until it is made. */
  async plan(spec: object, cluster = 'demo', kind = 'eviction-policy'): Promise<Plan> {
    const asked = await this.ask('POST', `/clusters/${cluster}/plans`, { kind, spec })
    if (asked.status !== 202) throw new Error(`planning: ${asked.status} ${JSON.stringify(asked.body)}`)
    const id = String(asked.body.id)
    return until(
      async () => {
        const plan = (await this.get(`/plans/${id}`)).body as unknown as Plan
        return plan.state === 'planning' ? undefined : plan
      },
      { timeoutMs: 40_000, what: 'the plan to be made' },
    )
  }

  run({ id, hash }: Plan, more: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', `/plans/${id}/run`, { confirm: 'demo', hash, reason: 'a test', ...more }, headers)
  }

  /** Waits for the end of an operation; it may be that nobody answers meanwhile. */
  end(id: string): Promise<Operation> {
    return until(
      async () => {
        const { status, body } = await this.get(`/operations/${id}`)
        const operation = body as unknown as Operation
        return status === 200 && operation.endedAt !== undefined ? operation : undefined
      },
      { timeoutMs: 60_000, what: `operation ${id} to end` },
    )
  }
}
