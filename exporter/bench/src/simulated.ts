import { freePorts } from '../../../stack/dist/ports.js'
import { startCluster } from '../../../stack/dist/redis-cluster.js'
import { until } from '../../../stack/dist/until.js'
import { startFakeFleet, type FakeFleet } from './fake-fleet.js'
import { Load } from './load.js'
import { cpuSeconds, Measurements, residentBytes } from './measure.js'
import { OURS, startOurs, startPeer, type Peer, type Program } from './programs.js'
import { ScrapeClient } from './scrape.js'
import type { BenchOptions, Report, Row } from './suite.js'

/** Connections over which a Prometheus gets its targets. */
const CONNECTIONS = 20
/** --scrape.node-timeout and what a busy machine needs besides. */
const NODE_TIMEOUT_MS = 1000

/** Nodes read until V8 has compiled what is used at every scrape: an exporter runs for weeks. Of small fleets fewer. */
const WARM_UP_READINGS = 6000
const MOST_WARM_UPS = 20

/** What is promised, for 1000 nodes and in proportion for others. */
const WALL_MS = 0.5
const CPU_MS = 1
const MEMORY_MB = 200

/** A simulated fleet: what a scrape costs where Redis costs next to nothing, at sizes that no test machine holds. */
export async function benchSimulated(
  options: BenchOptions,
  size: number,
  peers: readonly Peer[],
): Promise<Report> {
  const { rounds, dir, say } = options
  say(`starting ${size} simulated nodes`)
  const model = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
  const load = new Load(model.nodes.map(({ address }) => address))
  await load.prepare()
  const fleet = await startFakeFleet(size, {
    primary: model.nodes[0]!.address,
    replica: model.nodes[3]!.address,
  })
  const client = new ScrapeClient(CONNECTIONS)
  const seed = fleet.nodes[0]!
  // A Prometheus asks for one or the other.
  const args = ['--cluster.name=fleet', `--redis.addr=${seed.host}:${seed.port}`]
  const [ours, oursEach] = [await startOurs(args), await startOurs(args)]
  const others = await Promise.all(peers.map(startPeer))
  try {
    const bench = new Simulated(ours, oursEach, fleet, client)
    await bench.discovered()
    say('warming up')
    for (let time = 0; time < Math.min(WARM_UP_READINGS / size, MOST_WARM_UPS); time++) {
      await load.work()
      await bench.warmUp()
    }
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) say(`round ${round} of ${rounds}`)
      if (round === 1) bench.measured = new Measurements()
      await load.work()
      await bench.measure(round)
    }
    for (const peer of others) await bench.measurePeer(peer)
    return {
      title: `${size} simulated nodes; medians of ${rounds} rounds, redis_exporter once`,
      programs: [ours, ...others].map(({ name }) => name),
      rows: bench.rows(others),
    }
  } finally {
    client.close()
    load.close()
    for (const program of [ours, oursEach, ...others]) await program.stop()
    await fleet.stop()
    await model.stop()
  }
}

class Simulated {
  measured = new Measurements()
  #residentBytes = 0
  #residentBytesEach = 0

  constructor(
    /** Asked for /metrics. */
    private readonly ours: Program,
    /** Asked for /scrape. */
    private readonly oursEach: Program,
    private readonly fleet: FakeFleet,
    private readonly client: ScrapeClient,
  ) {}

  async discovered(): Promise<void> {
    const { length } = this.fleet.nodes
    await until(async () => (await this.#up()) === length, {
      timeoutMs: 60_000,
      what: `all ${length} simulated nodes to be read`,
    })
  }

  async #up(): Promise<number> {
    return (await this.client.text(`${this.ours.url}/metrics`)).match(/^redis_up\{.*\} 1$/gm)?.length ?? 0
  }

  async warmUp(): Promise<void> {
    await this.client.scrape(`${this.ours.url}/metrics`, true)
    await this.#scrapeEach(this.oursEach)
  }

  async measure(round: number): Promise<void> {
    const { pid, url } = this.ours
    for (const kind of ['plain', 'gzip'] as const) {
      const before = cpuSeconds(pid)
      const { wallMs, firstByteMs, bytes } = await this.client.scrape(`${url}/metrics`, kind === 'gzip')
      this.measured.add(`${kind} wall`, wallMs)
      this.measured.add(`${kind} cpu`, cpuSeconds(pid) - before)
      this.measured.add(`${kind} first byte`, firstByteMs)
      this.measured.add(`${kind} bytes`, bytes)
    }
    this.#residentBytes = Math.max(this.#residentBytes, residentBytes(pid))
    this.measured.add(`scrapes cpu ${OURS}`, await this.#scrapeEach(this.oursEach))
    this.#residentBytesEach = Math.max(this.#residentBytesEach, residentBytes(this.oursEach.pid))
    // One after another, so that no address is special.
    this.fleet.hang(this.fleet.nodes[(round * 7) % this.fleet.nodes.length]!.host)
    try {
      const { wallMs } = await this.client.scrape(`${url}/metrics`, true)
      this.measured.add('hung wall', wallMs)
      this.measured.add('hung up', await this.#up())
    } finally {
      this.fleet.hang('')
    }
    await this.discovered()
  }

  async measurePeer(peer: Program): Promise<void> {
    this.measured.add(`scrapes cpu ${peer.name}`, await this.#scrapeEach(peer))
  }

  /** One /scrape a node, compressed as Prometheus asks. @returns CPU seconds of the program */
  async #scrapeEach({ pid, url }: Program): Promise<number> {
    const before = cpuSeconds(pid)
    await Promise.all(
      this.fleet.nodes.map(({ host, port }) =>
        this.client.scrape(`${url}/scrape?target=redis://${host}:${port}`, true),
      ),
    )
    return cpuSeconds(pid) - before
  }

  rows(peers: readonly Program[]): Row[] {
    const size = this.fleet.nodes.length
    const of = (name: string): number => this.measured.median(name)!
    const page = (kind: 'plain' | 'gzip'): Row => ({
      what: `/metrics, ${kind}`,
      values: {
        [OURS]: `${Math.round(of(`${kind} wall`))} ms, first byte ${Math.round(of(`${kind} first byte`))} ms, CPU ${Math.round(of(`${kind} cpu`) * 1000)} ms, ${(of(`${kind} bytes`) / 2 ** 20).toFixed(1)} MB`,
      },
      ...atMost(of(`${kind} wall`), WALL_MS * size, 'ms'),
    })
    const scrapes = (name: string): string => `CPU ${Math.round(of(`scrapes cpu ${name}`) * 1000)} ms`
    return [
      page('plain'),
      page('gzip'),
      {
        what: `${size} x /scrape, gzip`,
        values: Object.fromEntries(
          [OURS, ...peers.map(({ name }) => name)].map((name) => [name, scrapes(name)]),
        ),
        ...atMost(of(`scrapes cpu ${OURS}`) * 1000, CPU_MS * size, 'ms'),
      },
      {
        what: '/metrics with one node hung',
        values: { [OURS]: `${Math.round(of('hung wall'))} ms, ${of('hung up')} nodes up` },
        ...atMost(of('hung wall') - of('gzip wall'), NODE_TIMEOUT_MS, 'ms more'),
      },
      {
        what: 'resident memory, most seen: /metrics, /scrape',
        values: {
          [OURS]: [this.#residentBytes, this.#residentBytesEach]
            .map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`)
            .join(', '),
        },
        ...atMost(this.#residentBytes / 2 ** 20, MEMORY_MB, 'MB'),
      },
    ]
  }
}

function atMost(value: number, target: number, unit: string): Pick<Row, 'target' | 'reached' | 'met'> {
  return {
    target: `${Math.round(target)} ${unit}`,
    reached: `${Math.round(value)} ${unit}`,
    met: value <= target,
  }
}
