import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type ControlledExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { openSqliteLog } from '../../src/events/stores/sqlite.js'
import { writeTokens } from '../control-api.js'
import { parseExposition } from '../exposition.js'
import { flood } from '../flood.js'

/** 20,000 requests with tokens that nobody gave, each another, from forty addresses, while Prometheus scrapes. */
const SOURCES = 40
const EACH = 500

const dir = mkdtempSync(join(tmpdir(), 'slotwise-flood-'))
const logDir = join(dir, 'events')
let cluster: RedisCluster
let exporter: ControlledExporter
let token: string

beforeAll(async () => {
  cluster = await startCluster({ ports: await freePorts(2, { bus: true }), dir })
  const tokensFile = join(dir, 'tokens.yml')
  token = writeTokens(tokensFile, [{ id: 'me', scopes: ['read'], delegated: false }]).me!
  const [port, controlPort] = await freePorts(2)
  exporter = await startExporter({
    port: port!,
    args: [
      ...['--cluster.name=demo', `--redis.addr=redis://${cluster.nodes[0]!.address}`],
      // However busy this machine is.
      '--scrape.node-timeout=30s',
    ],
    control: { port: controlPort!, dir: logDir, tokensFile },
  })
})
afterAll(async () => {
  await exporter.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

const bytesOfLog = () => readdirSync(logDir).reduce((sum, name) => sum + statSync(join(logDir, name)).size, 0)
const scrape = async () => {
  const { status, body } = await exporter.get('/metrics')
  const families = parseExposition(body)
  return {
    status,
    up: [...(families.get('redis_up')?.samples.values() ?? [])],
    families: [...families.keys()],
  }
}
const whoami = async () => (await exporter.api('/whoami', { token })).status

describe('a flood of bad tokens', () => {
  it(
    'gets nothing, fills no log, and leaves scrapes and good tokens alone',
    { timeout: 600_000 },
    async () => {
      await until(async () => (await scrape()).up.length === 2, { timeoutMs: 60_000, what: 'both nodes' })
      await until(async () => (await whoami()) === 200, { timeoutMs: 60_000, what: 'the control API' })
      const before = await scrape()
      const bytes = bytesOfLog()

      const { port } = new URL(exporter.controlUrl)
      const over = new AbortController()
      const floods = Promise.all(
        Array.from({ length: SOURCES }, (_, i) =>
          flood(Number(port), { localAddress: `127.0.77.${i + 1}`, count: EACH }),
        ),
      ).finally(() => over.abort())
      const beside = [await scrape()]
      while (!over.signal.aborted) beside.push(await scrape())
      const answers = (await floods).flat()

      expect(answers).toHaveLength(SOURCES * EACH)
      // How many get a 401 before the limit depends on how many come at once.
      expect(answers.filter((status) => status !== '401' && status !== '429')).toEqual([])
      expect(await whoami()).toBe(200)
      for (const { status, up, families } of beside) {
        expect([status, up]).toEqual([200, [1, 1]])
        expect(families).toEqual(expect.arrayContaining(before.families))
      }

      await exporter.stop()
      const log = await openSqliteLog({ path: join(logDir, 'slotwise.db'), source: 'test' })
      const { events } = await log.read({ type: 'io.slotwise.access.denied', limit: 1000 })
      const counts = events.map(({ data }) => (data as { count: number }).count)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(SOURCES * EACH)
      const minutes = new Set(events.map(({ data }) => (data as { since: string }).since.slice(0, 16))).size
      expect(events.length).toBeLessThanOrEqual(SOURCES * 2 * minutes)
      expect((await log.verify()).problems).toEqual([])
      await log.close()
      expect(bytesOfLog() - bytes).toBeLessThan(2 * 1024 ** 2)
    },
  )
})
