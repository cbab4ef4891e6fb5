import { afterEach } from 'vitest'
import type { StoredEvent } from '../src/contract/events.js'
import { planBody } from '../src/contract/operations.js'
import { SCOPES } from '../src/contract/tokens.js'
import { startTestControl, type TestControl } from './control.js'
import { planOf } from './fakes.js'

const by = { token: 't' }
export const failover = (cluster: string, shard: string) => ({
  stream: `cluster/${cluster}`,
  events: [{ type: 'cluster.failover' as const, data: { shard, from: 'a', to: 'b' } }],
})
export const brief = (events: readonly StoredEvent[]) =>
  events.map(({ subject, type }) => `${subject} ${type.slice(12)}`)

/** A control API with a log that has events of two clusters, for each test that starts it. */
export function useEventApi() {
  let control: TestControl
  afterEach(() => control.stop())
  const start = async (heartbeatMs = 15_000) => {
    control = await startTestControl(
      {
        all: { scopes: SCOPES },
        demo: { scopes: ['read'], clusters: ['demo'] },
        demoAdmin: { scopes: ['read', 'admin'], clusters: ['demo'] },
        someKeys: { scopes: ['read', 'admin'], keyPrefixes: ['app:'] },
        grafana: { scopes: ['read'], delegated: true },
        demoPolicy: { scopes: ['read', 'policy'], clusters: ['demo'] },
      },
      { heartbeatMs, limits: { streams: 2, allStreams: 6 } },
    )
  }
  /** A plan in demo that is ready, one in other, and what belongs to no cluster. */
  const fill = async () => {
    for (const [id, cluster] of [
      ['p1', 'demo'],
      ['p2', 'other'],
    ] as const) {
      const plan = planOf(id, cluster)
      const body = planBody.strip().parse(plan)
      await control.log.append([
        failover(cluster, 's1'),
        {
          stream: `operation/${id}`,
          events: [
            { type: 'plan.requested', data: { kind: 'eviction-policy', cluster, spec: {}, by } },
            { type: 'plan.ready', data: { hash: plan.hash!, body, expiresAt: plan.expiresAt! } },
          ],
        },
        {
          stream: `admission/${cluster}`,
          events: [{ type: 'admission.released', data: { operation: id } }],
        },
      ])
    }
    await control.log.append([
      { stream: 'control', events: [{ type: 'freeze.changed', data: { on: true, reason: 'secret', by } }] },
    ])
    await control.log.digest()
  }
  const page = async (query: string, token: string) => {
    return (await control.ask('GET', `/api/v1/events${query}`, { token })).body as unknown as {
      events: StoredEvent[]
      next: string
      more: boolean
    }
  }
  return {
    get control() {
      return control
    },
    start,
    fill,
    page,
  }
}
