import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import { ControlApi } from '../control-api.js'
import { all } from '../policy-cluster.js'
import { codeOf, useServedControl } from '../served-control.js'

const on = useServedControl()
const { serve, api, answers, policies, other } = on

describe('a cluster of which no node answers', () => {
  it('is told as unhealthy, with what is left to be seen', async () => {
    const exporter = await serve(on.folder('dead-'))
    const verdict = async () => (await api('root').get('/clusters/demo')).body.verdict
    try {
      await answers(exporter)
      await until(async () => (await verdict()) === 'healthy', {
        timeoutMs: 60_000,
        what: 'the cluster to be well',
      })
      for (const node of on.redis.nodes) node.signal('SIGSTOP')
      await until(async () => (await verdict()) === 'unhealthy', { timeoutMs: 60_000, what: 'the verdict' })
      expect((await exporter.get('/metrics/fleet')).body).toMatch(
        /slotwise_cluster_slots_covered\{[^}]*\} 0\n/,
      )
    } finally {
      for (const node of on.redis.nodes) node.signal('SIGCONT')
      await exporter.stop()
    }
    await until(
      async () =>
        (await Promise.all(on.redis.nodes.map((node) => node.cli('CLUSTER', 'INFO')))).every((info) =>
          info.includes('cluster_state:ok'),
        ),
      {
        timeoutMs: 60_000,
        what: 'the cluster to find itself again',
      },
    )
  })
})

describe('a control port that is taken', () => {
  it('ends the program with one clear line', async () => {
    const first = await serve(on.folder('taken-'))
    try {
      await answers(first)
      const [port] = await freePorts(1)
      const late = await serve(on.folder('late-'), [port!, on.controlPort])
      expect((await late.child.exited).code).toBe(2)
      expect(late.child.tail()).toMatch(
        /slotwise: --control\.listen-address \S+: the port is taken by another process/,
      )
    } finally {
      await first.stop()
    }
  })
})

describe('kill -9 at any moment of a run', () => {
  it('loses nothing and leaves no node other than the operation says', { timeout: 240_000 }, async () => {
    const folder = on.folder('kill-')
    let exporter = await serve(folder)
    try {
      await answers(exporter)
      for (let round = 0; round < 12; round++) {
        const policy = await other()
        const plan = await api('root').plan({ policy })
        const running = api('root')
          .run(plan)
          .catch(() => undefined)
        // From before the request is durable to after the end: a run takes about 40 ms here.
        const moment = performance.now() + round * 4
        while (performance.now() < moment) await new Promise(setImmediate)
        await exporter.child.stop({ signal: 'SIGKILL' })
        await running
        exporter = await serve(folder)
        await answers(exporter)
        const { status, body } = await api('root').get(`/operations/${plan.id}`)
        if (status === 404) {
          expect(await policies(), 'never requested, so nothing may have been touched').not.toContain(policy)
          continue
        }
        const operation =
          (body as unknown as Operation).endedAt === undefined
            ? await api('root').end(plan.id)
            : (body as unknown as Operation)
        expect(operation).toMatchObject({ state: 'succeeded' })
        expect(await policies()).toEqual(all(policy))
      }
      // No process lived until its first minute was over: each begins with one.
      const { events } = (await api('root').get('/events?type=log.digest')).body
      expect((events as unknown[]).length).toBeGreaterThan(0)
      expect((await api('root').get('/events/verify')).body).toMatchObject({ ok: true, problems: [] })
    } finally {
      await exporter.stop()
    }
  })
})

describe('one log', () => {
  it('belongs to one process: a second says so in one line, scrapes all the same, and takes over when it is free', async () => {
    const folder = on.folder('two-')
    const first = await serve(folder)
    await answers(first)
    const ports = (await freePorts(2)) as [number, number]
    const second = await serve(folder, ports)
    try {
      await until(() => second.child.tail().includes('no control API'), {
        timeoutMs: 40_000,
        what: 'the line',
      })
      const lines = second.child
        .tail()
        .split('\n')
        .filter((line) => line.includes('no control API'))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(join(folder, 'slotwise.db'))
      expect((await second.get('/metrics')).body).toContain('slotwise_events_log_up 0')
      const found = async () => (await second.get('/sd')).body.includes('"__meta_slotwise_role":"primary"')
      await until(found, { timeoutMs: 40_000, what: 'the first reading' })
      await first.stop()
      const later = new ControlApi(`http://127.0.0.1:${ports[1]}`, on.tokens.root)
      await until(async () => (await later.get('/clusters')).status === 200, {
        timeoutMs: 40_000,
        what: 'the second to take over',
      })
      expect((await later.get('/events/verify')).body).toMatchObject({ ok: true })
    } finally {
      await first.stop()
      await second.stop()
    }
  })
})

describe('a disk that takes no more', () => {
  it('refuses clearly, writes nothing by halves, scrapes on, and works again when there is room', async () => {
    const folder = on.folder('full-')
    const exporter = await serve(folder)
    /** How large a file of the exporter may become: a limit of the kernel that needs no disk of its own. */
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', [`--pid=${exporter.child.pid}`, `--fsize=${bytes}:unlimited`])
    try {
      await answers(exporter)
      const plan = await api('root').plan({ policy: await other() })
      const before = await policies()
      const largest = Math.max(...readdirSync(folder).map((file) => statSync(join(folder, file)).size))
      limit(largest + 16_384)
      const refusal = await until(
        async () => {
          const { status, body } = await api('root').ask('POST', '/clusters/demo/plans', {
            kind: 'eviction-policy',
            spec: { policy: 'noeviction', samples: 9 },
          })
          return status === 503 ? body : undefined
        },
        { timeoutMs: 60_000, what: 'the log to be full', intervalMs: 1 },
      )
      expect(codeOf(refusal)).toBe('log-unavailable')
      expect(refusal.detail).toMatch(/full|space|large|limit/)
      const run = await api('root').run(plan)
      expect([run.status, codeOf(run.body)]).toEqual([503, 'log-unavailable'])
      expect(await policies()).toEqual(before)
      expect((await exporter.get('/metrics')).body).toMatch(/redis_up\{[^}]*\} 1/)

      limit('unlimited')
      await until(async () => (await api('root').run(plan)).status === 202, {
        timeoutMs: 40_000,
        what: 'the run to be accepted',
      })
      expect((await api('root').end(plan.id)).state).toBe('succeeded')
      expect((await api('root').get('/events/verify')).body).toMatchObject({ ok: true, problems: [] })
    } finally {
      await exporter.stop()
    }
  })
})
