import { freePorts } from '../../../stack/dist/ports.js'
import { startCluster } from '../../../stack/dist/redis-cluster.js'
import { startDelayProxy } from './delay-proxy.js'
import { Load } from './load.js'
import { cpuSeconds, Measurements, median, residentBytes } from './measure.js'
import { OURS, startOurs, startPeer, type Peer, type Program } from './programs.js'
import { ScrapeClient } from './scrape.js'
import type { BenchOptions, Report, Row } from './suite.js'

/** How often all nodes are scraped in one measurement: enough ticks of CPU for the cheap, not too long for the dear. */
const OUR_SCRAPES = 40
const PEER_SCRAPES = 4
const ROUND_TRIP_MS = 20

/**
 * Ours asks what is dear to a node every 30 seconds, a Prometheus scrapes every 15: half of its scrapes are cheap
 * (`slotwise`, in whose short measurements the dear ones hardly come), half are not (the same with
 * --scrape.slow-interval=0s). Compared is the mean of both.
 */
const OURS_SLOW = 'slotwise, slow turn'
const OURS_MEAN = 'slotwise, mean'
const isOurs = ({ name }: Pick<Program, 'name'>): boolean => name === OURS || name === OURS_SLOW

/** What a peer's figure divided by ours has to be at least, by the peer; the newest's holds for any other. */
const NEWEST = { plain: 20, gzip: 12, wall: 6 }
const TARGETS: Readonly<Record<string, typeof NEWEST>> = {
  'redis_exporter 1.45': { plain: 8, gzip: 5, wall: 4 },
}

/** A real cluster on this machine: ours reads all nodes in one /metrics, a peer through one /scrape a node, all at once. */
export async function benchRealCluster(options: BenchOptions, peers: readonly Peer[]): Promise<Report> {
  const { nodes: count, rounds, dir, say } = options
  say(`starting a cluster of ${count} nodes`)
  const cluster = await startCluster({ ports: await freePorts(count, { bus: true }), dir })
  const load = new Load(cluster.nodes.map(({ address }) => address))
  const proxies = await Promise.all(cluster.nodes.map(({ port }) => startDelayProxy(port, ROUND_TRIP_MS)))
  await load.prepare()
  const client = new ScrapeClient()
  const seed = cluster.nodes[0]!.address
  const args = ['--cluster.name=bench', `--redis.addr=${seed}`, '--scrape.allow=127.0.0.1']
  const programs = [
    await startOurs(args),
    await startOurs([...args, '--scrape.slow-interval=0s'], OURS_SLOW),
    ...(await Promise.all(peers.map(startPeer))),
  ]
  try {
    const addresses = cluster.nodes.map(({ address }) => address)
    const distant = proxies.map(({ port }) => `127.0.0.1:${port}`)
    const bench = new RealCluster(programs, addresses, distant, load, client)
    for (let round = 0; round <= rounds; round++) {
      say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`)
      if (round === 1) bench.measured = new Measurements()
      for (const program of programs) await bench.measure(program)
      bench.mean()
    }
    return {
      title: titleOf(count, rounds),
      programs: programs.map(({ name }) => name),
      rows: await bench.rows(),
    }
  } finally {
    client.close()
    load.close()
    for (const program of programs) await program.stop()
    for (const proxy of proxies) proxy.close()
    await cluster.stop()
  }
}

function titleOf(count: number, rounds: number): string {
  return `${count} real nodes, half of them replicas; medians of ${rounds} rounds, the programs in turn`
}

class RealCluster {
  measured = new Measurements()

  constructor(
    private readonly programs: readonly Program[],
    private readonly addresses: readonly string[],
    /** The same nodes through delay proxies. */
    private readonly distant: readonly string[],
    private readonly load: Load,
    private readonly client: ScrapeClient,
  ) {}

  async measure(program: Program): Promise<void> {
    const { name } = program
    for (const gzip of [false, true]) {
      const { cpu, wallMs } = await this.#scrapes(program, gzip, true)
      const kind = gzip ? 'gzip' : 'plain'
      this.measured.add(`${kind} ${name}`, cpu)
      this.measured.add(`wall ${kind} ${name}`, wallMs)
    }
    const { nodesCpu } = await this.#scrapes(program, true, false)
    this.measured.add(`redis ${name}`, nodesCpu)
    this.measured.add(`distant ${name}`, await this.#distant(program))
  }

  /** Takes the mean of our two for the round. */
  mean(): void {
    for (const kind of ['plain', 'gzip', 'wall plain', 'wall gzip', 'redis'])
      this.measured.add(
        `${kind} ${OURS_MEAN}`,
        (this.measured.last(`${kind} ${OURS}`) + this.measured.last(`${kind} ${OURS_SLOW}`)) / 2,
      )
  }

  /**
   * Scrapes everything several times.
   * @param busy makes the nodes work in between, so that values change
   * @returns CPU seconds a node-scrape of the program and of the nodes, and the median time for all nodes
   */
  async #scrapes(program: Program, gzip: boolean, busy: boolean) {
    const times = isOurs(program) ? OUR_SCRAPES : PEER_SCRAPES
    const walls: number[] = []
    const [idle, before, started] = [await this.#idle(), await this.load.cpuSeconds(), performance.now()]
    const cpuBefore = cpuSeconds(program.pid)
    for (let time = 0; time < times; time++) {
      if (busy) await this.load.work()
      walls.push(await this.#scrapeAll(program, this.addresses, gzip))
    }
    const each = times * this.addresses.length
    const elapsed = (performance.now() - started) / 1000
    return {
      cpu: (cpuSeconds(program.pid) - cpuBefore) / each,
      nodesCpu: ((await this.load.cpuSeconds()) - before - idle * elapsed) / each,
      wallMs: median(walls),
    }
  }

  /** @returns milliseconds until the last node is there */
  async #scrapeAll({ name, url }: Program, addresses: readonly string[], gzip: boolean): Promise<number> {
    const started = performance.now()
    if (isOurs({ name }) && addresses === this.addresses) await this.client.scrape(`${url}/metrics`, gzip)
    else
      await Promise.all(
        addresses.map((address) => this.client.scrape(`${url}/scrape?target=redis://${address}`, gzip)),
      )
    return performance.now() - started
  }

  /** Round trips that one node takes at a distance; the connection that ours keeps is open already. */
  async #distant(program: Program): Promise<number> {
    const walls: number[] = []
    for (let time = 0; time < 5; time++)
      walls.push(await this.#scrapeAll(program, [this.distant[time % this.distant.length]!], true))
    if (isOurs(program))
      for (let time = 0; time < 5; time++)
        walls.push(await this.#scrapeAll(program, [this.distant[time % this.distant.length]!], true))
    return median(walls.slice(-5)) / ROUND_TRIP_MS
  }

  #idleRate: number | undefined
  /** CPU that the nodes use by themselves, in seconds a second; measured once. */
  async #idle(): Promise<number> {
    if (this.#idleRate === undefined) {
      const [before, started] = [await this.load.cpuSeconds(), performance.now()]
      await new Promise((resolve) => setTimeout(resolve, 2000))
      this.#idleRate = ((await this.load.cpuSeconds()) - before) / ((performance.now() - started) / 1000)
    }
    return this.#idleRate
  }

  async rows(): Promise<Row[]> {
    const target = (kind: keyof typeof NEWEST) => (name: string) => (TARGETS[name] ?? NEWEST)[kind]
    return [
      this.#row('series of one node', await this.#sizes()),
      this.#compared('CPU a node-scrape, plain', 'plain', micros, target('plain')),
      this.#compared('CPU a node-scrape, gzip', 'gzip', micros, target('gzip')),
      this.#compared('all nodes once, plain', 'wall plain', millis, target('wall')),
      this.#compared('all nodes once, gzip', 'wall gzip', millis, target('wall')),
      this.#compared("Redis's CPU a node-scrape", 'redis', micros, () => 2),
      this.#roundTrips(),
      this.#row(
        'resident memory',
        this.#each(({ pid }) => `${Math.round(residentBytes(pid) / 2 ** 20)} MB`),
      ),
    ]
  }

  #compared(
    what: string,
    kind: string,
    show: (value: number) => string,
    targetOf: (peer: string) => number,
  ): Row {
    const peers = this.programs.filter((program) => !isOurs(program))
    const ratios = peers.map(({ name }) => ({
      target: targetOf(name),
      ratio: this.measured.ratio(`${kind} ${name}`, `${kind} ${OURS_MEAN}`)!,
    }))
    return {
      what,
      values: this.#each(({ name }) => show(this.measured.median(`${kind} ${name}`)!)),
      ...(ratios.length > 0 && {
        target: ratios.map(({ target }) => `1/${target}`).join(' '),
        reached: ratios.map(({ ratio }) => `1/${ratio.toFixed(1)}`).join(' '),
        met: ratios.every(({ ratio, target }) => ratio >= target),
      }),
    }
  }

  #roundTrips(): Row {
    const reached = this.measured.median(`distant ${OURS}`)!
    return {
      what: `round trips of a scrape, ${ROUND_TRIP_MS} ms each`,
      values: this.#each(({ name }) => this.measured.median(`distant ${name}`)!.toFixed(1)),
      target: '< 1.5',
      reached: reached.toFixed(2),
      met: reached < 1.5,
    }
  }

  async #sizes(): Promise<Record<string, string>> {
    const sizes: Record<string, string> = {}
    for (const { name, url } of this.programs) {
      const text = await this.client.text(`${url}/scrape?target=redis://${this.addresses[0]!}`)
      const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      sizes[name] = `${series} (${Math.round(text.length / 1024)} KB)`
    }
    return sizes
  }

  #row(what: string, values: Record<string, string>): Row {
    return { what, values }
  }

  #each(show: (program: Program) => string): Record<string, string> {
    return Object.fromEntries(this.programs.map((program) => [program.name, show(program)]))
  }
}

const micros = (seconds: number): string => `${Math.round(seconds * 1e6)} µs`
const millis = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`
