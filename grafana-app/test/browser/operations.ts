/** Operations that tests need to be there, made through the control API. */
import type { Operation, Plan } from '../../../exporter/src/contract/operations.js'
import { until } from '../../../stack/src/until.js'
import type { Stack } from './stack.js'

let policy: Promise<string> | undefined

/** An ended change of demo's policy, made once; its id. */
export function runPolicy(stack: Stack): Promise<string> {
  policy ??= runOperation(stack, 'demo', 'eviction-policy', { samples: 6 })
  return policy
}

/** Plans and runs, and waits for the end. @returns the operation's id */
export async function runOperation(
  { exporter, tokens }: Stack,
  cluster: string,
  kind: string,
  spec: object,
): Promise<string> {
  const ask = async <T>(path: string, token: string, body?: unknown): Promise<T> => {
    const answer = await exporter.api(path, { token, ...(body !== undefined && { body }) })
    if (answer.status >= 300)
      throw new Error(`${path} answers ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body as T
  }
  const { id } = await ask<Plan>(`/clusters/${cluster}/plans`, tokens.plan, { kind, spec })
  const wait = { timeoutMs: 60_000, what: `${kind} on ${cluster}` }
  const plan = await until(async () => {
    const now = await ask<Plan>(`/plans/${id}`, tokens.plan)
    return now.state === 'planning' ? undefined : now
  }, wait)
  await ask(`/plans/${id}/run`, tokens.run, { confirm: cluster, hash: plan.hash, reason: 'a browser test' })
  await until(
    async () => (await ask<Operation>(`/operations/${id}`, tokens.read)).endedAt !== undefined,
    wait,
  )
  return id
}
