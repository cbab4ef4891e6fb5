import type { EndpointName } from '../src/contract/endpoints.js'
import type { Ask, TestControl } from './control.js'
import { planOf } from './fakes.js'

/** A good request for every endpoint. */
export const requests: Record<EndpointName, readonly [path: string, options?: Ask]> = {
  listClusters: ['/clusters'],
  getCluster: ['/clusters/demo'],
  getTopology: ['/clusters/demo/topology'],
  getHealth: ['/clusters/demo/health'],
  getEviction: ['/clusters/demo/eviction'],
  sampleEviction: ['/clusters/demo/eviction/sample', { body: {} }],
  getWarmup: ['/clusters/demo/warmup'],
  createPlan: [
    '/clusters/demo/plans',
    { body: { kind: 'eviction-policy', spec: { policy: 'allkeys-lru' } } },
  ],
  getPlan: ['/plans/p1'],
  runPlan: ['/plans/p1/run', { body: { confirm: 'demo', hash: 'hash-of-p1', reason: 'test' } }],
  cancelPlan: ['/plans/p1/cancel', { body: { reason: 'takes too long' } }],
  listOperations: ['/operations'],
  getOperation: ['/operations/p0'],
  changeRate: ['/operations/p0', { body: { rate: { keysPerSecond: 5 } } }],
  pauseOperation: ['/operations/p0/pause', { body: { reason: 'lunch' } }],
  resumeOperation: ['/operations/p0/resume'],
  cancelOperation: ['/operations/p0/cancel', { body: {} }],
  getFreeze: ['/freeze'],
  setFreeze: ['/freeze', { body: { on: true, reason: 'incident 7' } }],
  recordAlerts: [
    '/alerts',
    {
      body: {
        version: '4',
        alerts: [
          {
            status: 'firing',
            labels: { alertname: 'RedisNodeDown', redis_cluster: 'demo' },
            startsAt: '2026-11-22T11:59:00Z',
            fingerprint: 'abc',
          },
        ],
      },
    },
  ],
  listAlerts: ['/alerts'],
  listEvents: ['/events?limit=5'],
  streamEvents: ['/events/stream'],
  verifyEvents: ['/events/verify'],
  backupEvents: ['/events/backup'],
  whoami: ['/whoami'],
  getOpenapi: ['/openapi.json'],
}

/** What the good requests are about, and nothing else: a plan `p1`, an operation `p0`. */
export function prepare({ operations }: TestControl): void {
  operations.plans.clear()
  operations.operations.clear()
  operations.asked.length = 0
  operations.plans.set('p1', planOf('p1', 'demo'))
  operations.start(planOf('p0', 'demo'), { token: 't' }, 'before')
}
