import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { until } from '../../stack/src/until.js'
import type { Operation, Plan } from '../src/contract/operations.js'
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

/** Speaks to the control API as one token; JSON in and out. */
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
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
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
