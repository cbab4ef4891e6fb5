import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { request } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Cluster } from '../../redis/cluster.js'
import { NodeReader } from '../../redis/node-reader.js'
import { RawLink } from '../../redis/raw-link.js'
import { Scraper } from '../../services/scraper/scraper.js'
import { Targets } from '../../services/scraper/targets.js'
import { parseOpenMetrics } from '../../../test/openmetrics.js'
import { metricsHandler } from './handler.js'
import { scrapeTimeoutMs } from './timeout.js'

const INFO = 'role:master\r\nused_memory:7\r\n'
let redis: ReturnType<typeof createTcpServer>
let server: Server
let single: NodeReader
let unread: Cluster
let readings = 0

beforeAll(async () => {
  // A node that knows INFO and nothing else.
  redis = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      if (request.includes('commandstats') || request.includes('ALL')) readings++
      const commands = request.toString('latin1').split(/(?=\*\d+\r\n)/)
      const reply = (command: string) =>
        command.includes('INFO') && !command.includes('CLUSTER')
          ? `$${INFO.length}\r\n${INFO}\r\n`
          : '-ERR unknown\r\n'
      setTimeout(() => socket.write(commands.map(reply).join('')), 20)
    })
  })
  await new Promise<void>((resolve) => redis.listen(0, '127.0.0.1', resolve))
  single = new NodeReader(
    new RawLink({ host: '127.0.0.1', port: (redis.address() as AddressInfo).port, tls: false }),
  )
  const seed = { host: '10.0.0.1', port: 1, tls: false }
  unread = new Cluster({ name: 'unread', seeds: [seed], link: {}, allow: [], nodeTimeoutMs: 100 })
  unread.errors = ['10.0.0.1:1: connection refused']
  const options = { clusters: [unread], single, clusterLabel: 'redis_cluster' }
  const scraper = new Scraper({
    ...options,
    namespace: 'redis',
    collect: {},
    redisOnly: false,
    version: '1.2.3',
    nodeVersion: 'v20',
    checksOf: () => [],
    controlPlane: () => undefined,
  })
  const targets = new Targets({
    clusters: [unread],
    single,
    allowed: () => false,
    knowsUser: () => false,
    connect: () => single,
  })
  server = createServer(
    metricsHandler({
      ...options,
      scraper,
      targets,
      namespace: 'redis',
      telemetryPath: '/metrics',
      externalAddress: '',
      nodeTimeoutMs: 1000,
      openMetrics: true,
      version: '1.2.3',
      processMetrics: () => Promise.resolve('# HELP process_x X.\n# TYPE process_x gauge\nprocess_x 1\n'),
      onError: (error) => {
        throw error
      },
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  single.link.close()
  server.closeAllConnections()
  server.close()
  redis.close()
})

/** A request whose path goes out as it stands. */
function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const { port } = server.address() as AddressInfo
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('the metrics listener', () => {
  it.each([
    ['/', 200, /Slotwise 1\.2\.3/],
    ['/health', 200, /^ok$/],
    ['/-/healthy', 200, /healthy/],
    ['/-/ready', 200, /ready/],
    ['/metrics', 200, /redis_memory_used_bytes 7\n[^]*process_x 1\n$/],
    ['/metrics/fleet', 200, /slotwise_build_info\{version="1\.2\.3"/],
    ['/metrics?cluster=none', 404, /no cluster is called none; configured: unread/],
    ['/scrape', 400, /target parameter is missing/],
    ['/scrape?target=10.0.0.9', 403, /--scrape\.allow/],
    ['/scrape?target=127.0.0.1&check-keys=*', 403, /check-keys: .*--scrape\.allow-keys/],
    ['/discover-cluster-nodes', 200, /^\[\{"targets":\["redis:\/\/10\.0\.0\.1:1"\]/],
    ['/nothing', 404, /nothing at \/nothing/],
    ['/constructor', 404, /nothing at/],
    ['//', 400, /no valid path/],
    ['//elsewhere/metrics/fleet', 400, /no valid path/],
    ['/\\elsewhere/metrics/fleet', 400, /no valid path/],
    ['http://elsewhere/metrics/fleet', 400, /no valid path/],
  ])('%s answers %i', async (path, status, body) => {
    const answer = await ask(path)
    expect(answer.status).toBe(status)
    expect(answer.body.toString()).toMatch(body)
  })

  describe('when a cluster could never be read', () => {
    const targets = async () =>
      JSON.parse((await ask('/sd')).body.toString()) as { labels: Record<string, string> }[]

    it('lists its seeds, and says on /scrape that they are down and why', async () => {
      const [seed, fleet, ...rest] = await targets()
      expect(seed!.labels).toMatchObject({
        __metrics_path__: '/scrape',
        __param_target: 'redis://10.0.0.1:1',
        instance: '10.0.0.1:1',
        redis_cluster: 'unread',
        shard: '',
        __meta_slotwise_flags: 'unread',
      })
      expect(fleet!.labels.__meta_slotwise_kind).toBe('fleet')
      expect(rest).toEqual([])
      const scrape = (await ask('/scrape?target=redis://10.0.0.1:1')).body.toString()
      expect(scrape).toContain('redis_up 0\n')
      expect(scrape).toContain('err="10.0.0.1:1: connection refused"')
    })

    it('lists the nodes that an earlier process knew, with the labels that they had', async () => {
      const node = { id: 'a', instance: 'a.test:6379', role: 'primary', primaryId: '', shard: 's1' } as const
      unread.recall([node])
      const [known, ...rest] = await targets()
      expect(known!.labels).toMatchObject({
        __param_target: 'redis://a.test:6379',
        instance: 'a.test:6379',
        shard: 's1',
        __meta_slotwise_role: 'primary',
      })
      expect(rest).toHaveLength(1)
      const scrape = (await ask('/scrape?target=redis://a.test:6379')).body.toString()
      expect(scrape).toContain('redis_up 0\n')
      expect(scrape).toContain('no seed of cluster unread could be read: 10.0.0.1:1: connection refused')
      unread.recall([])
    })

    it('lists nothing before it was tried, so that Prometheus keeps the targets that it has', async () => {
      const { errors } = unread
      unread.errors = []
      for (const [path, status] of [
        ['/sd', 503],
        ['/scrape?target=10.0.0.9', 503],
        ['/discover-cluster-nodes', 500],
      ] as const) {
        const answer = await ask(path)
        expect(answer.status).toBe(status)
        expect(answer.body.toString()).toMatch(/being read for the first time/)
      }
      unread.errors = errors
    })
  })

  it('speaks the text format, compressed when asked', async () => {
    const plain = await ask('/scrape?target=127.0.0.1:' + single.link.address.split(':')[1]!)
    const zipped = await ask('/metrics', { headers: { 'Accept-Encoding': 'deflate, gzip;q=0.5' } })
    expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.body).toString()).toContain('redis_up 1\n')
  })

  it.each(['/metrics', '/metrics/fleet', '/scrape?target='])(
    '%s speaks OpenMetrics to whoever prefers it, compressed when asked',
    async (path) => {
      const url = path.endsWith('=') ? path + single.link.address : path
      const Accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
      const answer = await ask(url, { headers: { Accept, 'Accept-Encoding': 'gzip' } })
      expect(answer.headers['content-type']).toBe(
        'application/openmetrics-text; version=1.0.0; charset=utf-8',
      )
      const families = parseOpenMetrics(gunzipSync(answer.body).toString())
      const expected = path.startsWith('/scrape') ? 'redis_exporter_scrapes' : 'process_x'
      expect([...families.keys()]).toContain(expected)
    },
  )

  it('does not compress where gzip is refused', async () => {
    expect(
      (await ask('/metrics', { headers: { 'Accept-Encoding': 'gzip;q=0' } })).headers['content-encoding'],
    ).toBeUndefined()
  })

  it('answers HEAD without a body and refuses other methods', async () => {
    expect(await ask('/metrics', { method: 'HEAD' })).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(await ask('/metrics', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
  })

  it('shares one reading among scrapes that overlap', async () => {
    const before = readings
    await Promise.all([ask('/metrics'), ask('/metrics'), ask('/metrics')])
    expect(readings - before).toBe(1)
  })

  it('leaves a node no more time than Prometheus waits', async () => {
    const read = vi.spyOn(single, 'read')
    await ask(`/scrape?target=${single.link.address}`, {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.5' },
    })
    expect(read.mock.lastCall?.[0]).toBe(300)
    read.mockRestore()
  })

  it('counts refused targets', async () => {
    await ask('/scrape')
    expect((await ask('/metrics')).body.toString()).toMatch(/redis_target_scrape_request_errors_total [1-9]/)
  })
})

describe('scrapeTimeoutMs', () => {
  it.each([
    [undefined, 1000],
    ['10', 1000],
    ['0.5', 300],
    ['0.1', 50],
    ['nonsense', 1000],
    ['-1', 1000],
  ])('X-Prometheus-Scrape-Timeout-Seconds %s leaves a node %i ms', (header, ms) => {
    expect(
      scrapeTimeoutMs(header === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': header }, 1000),
    ).toBe(ms)
  })
})
