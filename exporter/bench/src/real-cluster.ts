import { freePorts } from '../../../stack/dist/ports.js'
import { startCluster } from '../../../stack/dist/redis-cluster.js'
import { until } from '../../../stack/dist/until.js'
import { startDelayProxy } from './delay-proxy.js'
import { Load } from './load.js'
import { cpuSeconds, Measurements, median, residentBytes } from './measure.js'
import { familiesOf, startOurs, startPeer, type Peer, type Program } from './programs.js'
import { ScrapeClient } from './scrape.js'
import type { BenchOptions, Report, Row } from './suite.js'

/** How often all nodes are scraped in one measurement: enough ticks of CPU for the cheap, not too long for the dear. */
const OUR_SCRAPES = 80
const PEER_SCRAPES = 4
/** Until V8 has compiled what is used at every scrape: an exporter runs for weeks. */
const WARM_UP_SCRAPES = 150
const ROUND_TRIP_MS = 20

/** What a peer's figure divided by ours has to be at least, by the peer; the newest's holds for any other. */
const NEWEST = { plain: 20, gzip: 12, wall: 6, redis: 2 }
const TARGETS: Readonly<Record<string, typeof NEWEST>> = {
  'redis_exporter 1.45': { plain: 8, gzip: 5, wall: 4, redis: 2 },
}

/**
 * A peer, and ours with the peer's families. What is dear to a node is asked every 60 seconds, a Prometheus scrapes
 * every 15: three of four scrapes are cheap (the short measurements of `cheap` hardly see another), one is not (`dear`
 * asks everything each time). Compared is the mean of the four.
 */
interface Pair {
  readonly name: string
  readonly peer: Program | undefined
  readonly cheap: Program
  readonly dear: Program
}

/** A real cluster on this machine: ours reads all nodes in one /metrics, a peer through one /scrape a node, all at once. */
export async function benchRealCluster(options: BenchOptions, peers: readonly Peer[]): Promise<Report> {
  const { nodes: count, rounds, dir, say } = options
  say(`starting a cluster of ${count} nodes`)
  const cluster = await startCluster({ ports: await freePorts(count, { bus: true }), dir })
  const addresses = cluster.nodes.map(({ address }) => address)
  const load = new Load(addresses)
  await load.prepare()
  const proxies = await Promise.all(cluster.nodes.map(({ port }) => startDelayProxy(port, ROUND_TRIP_MS)))
  const client = new ScrapeClient()
  const programs: Program[] = []
  try {
    const pairs: Pair[] = []
    for (const peer of peers.length > 0 ? peers : [undefined]) {
      const pair = await startPair(peer, addresses[0]!, client)
      programs.push(...[pair.peer, pair.cheap, pair.dear].filter((program) => program !== undefined))
      pairs.push(pair)
      for (const ours of [pair.cheap, pair.dear]) await readsAll(ours, count, client)
    }
    say('warming up')
    for (const { cheap, dear } of pairs) for (const ours of [cheap, dear]) await warmUp(ours, load, client)
    const distant = proxies.map(({ port }) => `127.0.0.1:${port}`)
    const bench = new RealCluster(pairs, addresses, distant, load, client)
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) say(`round ${round} of ${rounds}`)
      if (round === 1) bench.measured = new Measurements()
      for (const pair of pairs) await bench.measure(pair)
    }
    return {
      title: `${count} real nodes, half of them replicas; medians of ${rounds} rounds, the programs in turn`,
      programs: pairs.flatMap(({ name, peer }) => [oursAs(name), ...(peer ? [name] : [])]),
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

async function startPair(found: Peer | undefined, seed: string, client: ScrapeClient): Promise<Pair> {
  const peer = found && (await startPeer(found))
  const families = peer && (await familiesOf(peer, seed, client))
  const args = [
    '--cluster.name=bench',
    `--redis.addr=${seed}`,
    '--scrape.allow=127.0.0.1',
    ...(families ? [`--metrics.allow=${[...families].join(',')}`] : []),
    ...(families && !families.has('redis_commands_latencies_usec')
      ? ['--collector.latency_histogram=false']
      : []),
  ]
  return {
    name: found?.name ?? '',
    peer,
    cheap: await startOurs(args),
    dear: await startOurs([...args, '--scrape.slow-interval=0s']),
  }
}

async function readsAll({ url }: Program, count: number, client: ScrapeClient): Promise<void> {
  await until(
    async () => (await client.text(`${url}/metrics`)).match(/^redis_up\{.*\} 1$/gm)?.length === count,
    { timeoutMs: 30_000, what: `all ${count} nodes to be read` },
  )
}

async function warmUp({ url }: Program, load: Load, client: ScrapeClient): Promise<void> {
  for (let scrape = 0; scrape < WARM_UP_SCRAPES; scrape++) {
    await load.work()
    await client.scrape(`${url}/metrics`, scrape % 2 === 0)
  }
}

const oursAs = (peer: string): string => (peer === '' ? 'slotwise' : `slotwise, as ${peer.split(' ')[1]!}`)

/** What is measured of a program: CPU a node-scrape of its own and of the nodes, and how long all nodes take. */
interface Scrapes {
  readonly cpu: number
  readonly nodesCpu: number
  readonly wallMs: number
}

class RealCluster {
  measured = new Measurements()
  #idleRate: number | undefined

  constructor(
    private readonly pairs: readonly Pair[],
    private readonly addresses: readonly string[],
    /** The same nodes through delay proxies. */
    private readonly distant: readonly string[],
    private readonly load: Load,
    private readonly client: ScrapeClient,
  ) {}

  async measure({ name, peer, cheap, dear }: Pair): Promise<void> {
    for (const kind of ['plain', 'gzip', 'redis']) {
      const ours = [await this.#ours(cheap, kind), await this.#ours(dear, kind)] as const
      const theirs = peer && (await this.#theirs(peer, kind))
      const add = (what: string, pick: (scrapes: Scrapes) => number): void => {
        const [first, second] = [pick(ours[0]), pick(ours[1])]
        this.measured.add(`${what} ${oursAs(name)}`, (3 * first + second) / 4)
        this.measured.add(`${what} cheap ${oursAs(name)}`, first)
        if (theirs) this.measured.add(`${what} ${name}`, pick(theirs))
      }
      if (kind === 'redis') add(kind, ({ nodesCpu }) => nodesCpu)
      else {
        add(kind, ({ cpu }) => cpu)
        add(`wall ${kind}`, ({ wallMs }) => wallMs)
      }
    }
    this.measured.add(`distant ${oursAs(name)}`, await this.#roundTrips(cheap))
    if (peer) this.measured.add(`distant ${name}`, await this.#roundTrips(peer))
  }

  #ours({ pid, url }: Program, kind: string): Promise<Scrapes> {
    return this.#scrapes(pid, kind, OUR_SCRAPES, () => this.client.scrape(`${url}/metrics`, kind !== 'plain'))
  }

  #theirs({ pid, url }: Program, kind: string): Promise<Scrapes> {
    return this.#scrapes(pid, kind, PEER_SCRAPES, () =>
      Promise.all(
        this.addresses.map((address) =>
          this.client.scrape(`${url}/scrape?target=redis://${address}`, kind !== 'plain'),
        ),
      ),
    )
  }

  /** Scrapes everything several times. Unless their own CPU is looked at, the nodes work in between, so that values change. */
  async #scrapes(pid: number, kind: string, times: number, scrape: () => Promise<unknown>): Promise<Scrapes> {
    const walls: number[] = []
    const idleRate = (this.#idleRate ??= await this.#idle())
    const [nodesBefore, started, before] = [await this.load.cpuSeconds(), performance.now(), cpuSeconds(pid)]
    for (let time = 0; time < times; time++) {
      if (kind !== 'redis') await this.load.work()
      const asked = performance.now()
      await scrape()
      walls.push(performance.now() - asked)
    }
    const each = times * this.addresses.length
    const idle = idleRate * ((performance.now() - started) / 1000)
    return {
      cpu: (cpuSeconds(pid) - before) / each,
      nodesCpu: ((await this.load.cpuSeconds()) - nodesBefore - idle) / each,
      wallMs: median(walls),
    }
  }

  /** CPU that the nodes use by themselves, in seconds a second. */
  async #idle(): Promise<number> {
    const [before, started] = [await this.load.cpuSeconds(), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 2000))
    return ((await this.load.cpuSeconds()) - before) / ((performance.now() - started) / 1000)
  }

  /** What a node at a distance takes; of several nodes, each asked twice, since ours keeps its connection from the first. */
  async #roundTrips({ url }: Program): Promise<number> {
    const walls: number[] = []
    for (const address of this.distant.slice(0, 5)) {
      const target = `${url}/scrape?target=redis://${address}`
      await this.client.scrape(target, true)
      walls.push((await this.client.scrape(target, true)).wallMs)
    }
    return median(walls) / ROUND_TRIP_MS
  }

  async rows(): Promise<Row[]> {
    return [
      { what: 'series of one node', values: await this.#sizes() },
      this.#compared('CPU a node-scrape, plain', 'plain', 'plain', micros),
      this.#compared('CPU a node-scrape, gzip', 'gzip', 'gzip', micros),
      this.#compared('all nodes once, plain', 'wall plain', 'wall', millis),
      this.#compared('all nodes once, gzip', 'wall gzip', 'wall', millis),
      this.#compared("Redis's CPU a node-scrape", 'redis', 'redis', micros),
      this.#distance(),
      {
        what: 'resident memory',
        values: this.#each(({ pid }) => `${Math.round(residentBytes(pid) / 2 ** 20)} MB`),
      },
    ]
  }

  #compared(what: string, kind: string, target: keyof typeof NEWEST, show: (value: number) => string): Row {
    const values: Record<string, string> = {}
    const ratios: { ratio: number; target: number }[] = []
    for (const { name, peer } of this.pairs) {
      const ours = oursAs(name)
      const cheap = show(this.measured.median(`${kind} cheap ${ours}`)!)
      values[ours] = `${show(this.measured.median(`${kind} ${ours}`)!)} (cheap: ${cheap})`
      if (!peer) continue
      values[name] = show(this.measured.median(`${kind} ${name}`)!)
      ratios.push({
        ratio: this.measured.ratio(`${kind} ${name}`, `${kind} ${ours}`)!,
        target: (TARGETS[name] ?? NEWEST)[target],
      })
    }
    if (ratios.length === 0) return { what, values }
    return {
      what,
      values,
      target: ratios.map(({ target }) => `1/${target}`).join(' '),
      reached: ratios.map(({ ratio }) => `1/${ratio.toFixed(1)}`).join(' '),
      met: ratios.every(({ ratio, target }) => ratio >= target),
    }
  }

  #distance(): Row {
    const reached = Math.max(
      ...this.pairs.map(({ name }) => this.measured.median(`distant ${oursAs(name)}`)!),
    )
    return {
      what: `round trips of a scrape, ${ROUND_TRIP_MS} ms each`,
      values: this.#each((_, name) => this.measured.median(`distant ${name}`)!.toFixed(1)),
      target: '< 1.5',
      reached: reached.toFixed(2),
      met: reached < 1.5,
    }
  }

  async #sizes(): Promise<Record<string, string>> {
    const sizes = this.#each(({ url }) => url)
    for (const [name, url] of Object.entries(sizes)) {
      const text = await this.client.text(`${url}/scrape?target=redis://${this.addresses[0]!}`)
      const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      sizes[name] = `${series} (${Math.round(text.length / 1024)} KB)`
    }
    return sizes
  }

  /** A value by column. */
  #each(show: (program: Program, column: string) => string): Record<string, string> {
    const values: Record<string, string> = {}
    for (const { name, peer, cheap } of this.pairs) {
      values[oursAs(name)] = show(cheap, oursAs(name))
      if (peer) values[name] = show(peer, name)
    }
    return values
  }
}

const micros = (seconds: number): string => `${Math.round(seconds * 1e6)} µs`
const millis = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`
