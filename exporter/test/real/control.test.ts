import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Exporter } from '../../../stack/src/exporter.js'
import { until } from '../../../stack/src/until.js'
import { endpoints, type Endpoint } from '../../src/contract/endpoints.js'
import type { Operation, Plan } from '../../src/contract/operations.js'
import { all } from '../policy-cluster.js'
import { codeOf, useServedControl } from '../served-control.js'

const on = useServedControl()
const { serve, api, answers, policies, other } = on

describe('the control API', () => {
  const folder = on.folder('api-')
  let exporter: Exporter

  beforeAll(async () => {
    exporter = await serve(folder)
    await answers(exporter)
  })
  afterAll(() => exporter.stop())

  it('changes a policy on six nodes: plan, run, read back', async () => {
    const policy = await other()
    const plan = await api('root').plan({ policy })
    expect(plan.changes).toHaveLength(6)
    expect((await api('root').run(plan)).status).toBe(202)
    expect(await api('root').end(plan.id)).toMatchObject({
      state: 'succeeded',
      progress: { done: 6, total: 6 },
    })
    expect(await policies()).toEqual(all(policy))
    expect((await api('reader').get('/clusters/demo/eviction')).body).toMatchObject({
      effective: { policy },
      drift: [],
    })
  })

  it('refuses what it should, as documented, and touches nothing', async () => {
    const before = await policies()
    const plan = await api('root').plan({ policy: await other() })
    const refused = async (id: string | undefined, more: object = {}, headers = {}) => {
      const { status, body } = await api(id).run(plan, more, headers)
      return [status, codeOf(body)]
    }
    expect(await refused('root', { confirm: 'Demo' })).toEqual([400, 'wrong-confirm'])
    expect(await refused('root', { hash: 'x' })).toEqual([409, 'wrong-hash'])
    expect(await refused('root', { reason: ' ' })).toEqual([400, 'invalid-body'])
    expect(await refused('root', { force: true })).toEqual([400, 'invalid-body'])
    expect((await refused('reader'))[0]).toBe(403)
    expect((await refused('planner'))[0]).toBe(403)
    expect((await refused('unkind'))[0]).toBe(403)
    expect((await refused('stranger'))[0]).toBe(404)
    expect((await refused(undefined))[0]).toBe(401)
    expect(
      (await api('reader').ask('POST', '/clusters/demo/plans', { kind: 'eviction-policy', spec: {} })).status,
    ).toBe(403)
    expect((await api('stranger').get('/clusters')).body).toEqual({ clusters: [] })
    expect((await api('stranger').get('/clusters/demo')).status).toBe(404)
    expect(await policies()).toEqual(before)
  })

  it('runs a plan once, and a replayed key gives the first answer', async () => {
    const plan = await api('root').plan({ policy: await other() })
    const key = { 'idempotency-key': 'once' }
    expect((await api('root').run(plan, {}, key)).status).toBe(202)
    await api('root').end(plan.id)
    expect((await api('root').run(plan, {}, key)).body).toMatchObject({ id: plan.id, state: 'succeeded' })
    const again = await api('root').run(plan)
    expect([again.status, codeOf(again.body)]).toEqual([409, 'already-run'])
    const another = await api('root').plan({ policy: await other() })
    expect((await api('root').run(another, {}, key)).status).toBe(409)
  })

  it('answers a stale plan with the difference and a fresh plan', async () => {
    const [policy, before] = [await other(), (await policies())[0]!]
    const plan = await api('root').plan({ policy })
    await on.redis.nodes[3]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
    const { status, body } = await api('root').run(plan)
    expect([status, codeOf(body)]).toEqual([409, 'stale'])
    expect(body.difference).toContain(`${on.redis.nodes[3]!.address}: maxmemory-policy is volatile-ttl`)
    expect((body.freshPlan as Plan).state).toBe('ready')
    expect((await policies()).filter((now) => now === before)).toHaveLength(5)
    await api('root').run(body.freshPlan as Plan)
    expect((await api('root').end((body.freshPlan as Plan).id)).state).toBe('succeeded')
    expect(await policies()).toEqual(all(policy))
  })

  it.each([
    '/api/v1/../v1/clusters',
    '/api/v1/clusters/%2e%2e/demo',
    '/api/v1//clusters',
    '/api%2fv1/clusters',
    '/api/v1/clusters%5cdemo',
  ])('refuses the path %s before it routes', async (path) => {
    const status = await new Promise<number>((resolve, reject) => {
      request(
        {
          host: '127.0.0.1',
          port: on.controlPort,
          path,
          headers: { authorization: `Bearer ${on.tokens.root}` },
        },
        (response) => {
          response.resume()
          resolve(response.statusCode!)
        },
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(400)
  })

  it('stops everything at a freeze', async () => {
    const plan = await api('root').plan({ policy: await other() })
    expect((await api('planner').ask('PUT', '/freeze', { on: true, reason: 'x' })).status).toBe(403)
    expect((await api('root').ask('PUT', '/freeze', { on: true, reason: 'incident 7' })).body).toMatchObject({
      on: true,
      by: { token: 'root' },
    })
    const { status, body } = await api('root').run(plan)
    expect([status, codeOf(body)]).toEqual([409, 'frozen'])
    await api('root').ask('PUT', '/freeze', { on: false, reason: 'over' })
    expect((await api('root').run(plan)).status).toBe(202)
    await api('root').end(plan.id)
  })

  it('answers every GET as the contract says', async () => {
    const { body } = await api('root').get('/operations')
    const { id } = (body.operations as Operation[])[0]!
    const alert = { status: 'firing', startsAt: new Date().toISOString(), fingerprint: 'a1' }
    const labels = { alertname: 'RedisNodeDown', redis_cluster: 'demo', instance: on.redis.nodes[0]!.address }
    const told = await api('root').ask('POST', '/alerts', { version: '4', alerts: [{ ...alert, labels }] })
    expect(told).toEqual({ status: 200, body: { recorded: 1, repeated: 0, ignored: 0 } })
    const gets = Object.values<Endpoint>(endpoints).filter(({ method, answer }) => method === 'get' && answer)
    for (const { path } of gets) {
      // `get` throws where the answer does not fit its schema.
      const { status } = await api('root').get(path.replace('{cluster}', 'demo').replace('{id}', id))
      expect(status, path).toBe(200)
    }
    expect((await api('root').get('/alerts')).body).toMatchObject({ alerts: [{ cluster: 'demo' }] })
  })

  it('tells what discovery and health see', async () => {
    const types = async () => {
      const { body } = await api('reader').get('/events?cluster=demo&limit=1000')
      return (body.events as { type: string; data: { check?: string; ok?: boolean } }[]).map(
        ({ type, data }) => `${type} ${data.check ?? ''} ${data.ok ?? ''}`.trim(),
      )
    }
    const told = async () => (await types()).filter((type) => type.startsWith('io.slotwise.cluster.'))
    await until(async () => (await told()).length > 0, { timeoutMs: 40_000, what: 'the cluster in the log' })
    expect(await told()).toEqual(['io.slotwise.cluster.discovered'])
    const node = on.redis.nodes[5]!
    await node.stop()
    await until(async () => (await types()).includes('io.slotwise.cluster.node-changed'), {
      timeoutMs: 40_000,
      what: 'the failure in the log',
    })
    await until(async () => (await types()).includes('io.slotwise.health.changed nodes_reachable false'), {
      timeoutMs: 60_000,
      what: 'the verdict in the log',
    })
    expect((await api('reader').get('/clusters/demo/health')).body.verdict).toBe('unhealthy')
    await node.start()
    await until(async () => (await api('reader').get('/clusters/demo/health')).body.verdict === 'healthy', {
      timeoutMs: 60_000,
      what: 'the cluster to be well',
    })
  })

  it('lets no token into a log, an event or a metric', async () => {
    const shown = [
      exporter.child.tail(10_000),
      JSON.stringify((await api('root').get('/events?limit=1000')).body),
      (await exporter.get('/metrics')).body,
      ...readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')),
    ].join('\n')
    expect(Object.values(on.tokens).filter((token) => shown.includes(token))).toEqual([])
  })

  it('verifies its chains, and a log that was shortened misses its anchor', async () => {
    const policy = await other()
    const plan = await api('root').plan({ policy })
    await api('root').run(plan)
    await api('root').end(plan.id)
    await exporter.stop() // appends a digest at its end
    const path = join(folder, 'slotwise.db')
    copyFileSync(path, join(folder, 'whole.db'))
    exporter = await serve(folder)
    await answers(exporter)
    const denied = (await api('root').get('/events?type=access.denied')).body.events as { data: object }[]
    expect(denied.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ status: 403, token: 'reader' }) as object,
    )
    const { anchor } = (await api('root').get('/events/verify')).body
    expect(anchor).toMatch(/^[0-9a-f]{64}$/)
    expect((await api('root').get(`/events/verify?anchor=${String(anchor)}`)).body).toMatchObject({
      ok: true,
      problems: [],
    })
    await exporter.stop()

    const db = new Database(path)
    const table = (
      db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%previoushash%'")
        .get() as { name: string }
    ).name
    db.exec(`DELETE FROM ${table} WHERE rowid > (SELECT max(rowid) - 12 FROM ${table})`)
    db.close()
    exporter = await serve(folder)
    await answers(exporter)
    expect((await api('root').get(`/events/verify?anchor=${String(anchor)}`)).body).toMatchObject({
      ok: false,
    })
  })
})
