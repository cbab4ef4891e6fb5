import type { Operation } from '../../dist/contract/operations.js'
import type { ControlledExporter } from '../../../stack/dist/exporter.js'
import { until } from '../../../stack/dist/until.js'

const END_WITHIN_MS = 600_000

/** Seconds. */
export interface Taken {
  /** From the first key to the last. */
  readonly working: number
  /** From the request to the end, with what a run does besides: looks, measurements, the verification. */
  readonly whole: number
}

/**
 * Plans and runs an operation over the API, in spite of what blocks it.
 * @returns how long it took once it was asked to run
 * @throws when it does not succeed
 */
export async function operate(
  exporter: ControlledExporter,
  token: string,
  { cluster, kind, spec }: { readonly cluster: string; readonly kind: string; readonly spec: object },
): Promise<Taken> {
  const ask = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await exporter.api(path, { token, ...(body !== undefined && { body }) })
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as Record<string, unknown>
  }
  const { id } = (await ask(`/clusters/${cluster}/plans`, { kind, spec })) as { id: string }
  const plan = await until(
    async () => {
      const seen = await ask(`/plans/${id}`)
      return seen.state === 'planning' ? undefined : seen
    },
    { timeoutMs: 60_000, what: 'the plan', intervalMs: 20 },
  )
  if (plan.state !== 'ready')
    throw new Error(`the plan is ${String(plan.state)}: ${JSON.stringify(plan.refused)}`)
  const override = ((plan.blockers ?? []) as { check: string }[]).map(({ check }) => check)
  const started = performance.now()
  await ask(`/plans/${id}/run`, { confirm: cluster, hash: plan.hash, reason: 'bench', override })
  const operation = await until(
    async () => {
      const seen = await ask(`/operations/${id}`)
      return seen.endedAt === undefined ? undefined : seen
    },
    { timeoutMs: END_WITHIN_MS, what: `the end of ${kind}`, intervalMs: 20 },
  )
  const whole = (performance.now() - started) / 1000
  if (operation.state !== 'succeeded')
    throw new Error(`${kind} is ${String(operation.state)}: ${String(operation.summary)}`)
  return { working: workingOf(operation as unknown as Operation), whole }
}

/** From the first node that works until all is done, as the timeline tells it, in whole milliseconds. */
function workingOf({ timeline }: Operation): number {
  const at = (type: string) => Date.parse(timeline.find((line) => line.type === type)!.time)
  return Math.max(1, at('operation.verifying') - at('operation.progressed')) / 1000
}
