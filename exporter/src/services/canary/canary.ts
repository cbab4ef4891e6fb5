import type { Cluster } from '../../redis/cluster.js'
import { encodePipeline } from '../../redis/frames.js'
import type { NodeReader } from '../../redis/node-reader.js'
import type { RawLink } from '../../redis/raw-link.js'
import { errorOf, type ClusterNode } from '../../redis/replies.js'
import { slotOf } from '../../redis/slots.js'

export interface CanaryOptions {
  readonly clusters: readonly Cluster[]
  readonly single: NodeReader | undefined
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Upper bounds of the histogram's buckets; seconds. */
  readonly bounds: readonly number[]
  /** What the names of its keys start with; empty: it writes none and only sends PING. */
  readonly keyPrefix: string
  readonly keyTtlMs: number
}

/** What was measured of one command on one node; collectors/canary.ts says what each is. */
export interface CanaryMeasure {
  instance?: string
  readonly command: string
  readonly counts: number[]
  sumSeconds: number
  failures: number
}

/** A node that is measured, over a connection of its own, so that it waits for no scrape. */
interface Bird {
  readonly link: RawLink
  readonly measures: Map<string, CanaryMeasure>
  /** Its key, in one of the node's slots. */
  key?: string
  flying: boolean
}

const PING = encodePipeline([['PING']])

/**
 * Sends each node a PING from time to time, and to primaries a SET and a GET of a key of its own where that is
 * allowed, and counts how long the answers take. The nodes' turns are spread over the interval.
 */
export class Canary {
  readonly #birds = new Map<NodeReader, Bird>()
  readonly #turns = new Set<NodeJS.Timeout>()
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly options: CanaryOptions) {}

  start(): void {
    this.#fly()
    this.#timer = setInterval(() => this.#fly(), this.options.intervalMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const turn of this.#turns) clearTimeout(turn)
    for (const { link } of this.#birds.values()) link.close()
  }

  /** What was measured of a cluster's nodes; without a cluster, of the single node. */
  measured(cluster: Cluster | undefined): CanaryMeasure[] {
    return this.#nodesOf(cluster).flatMap(({ reader, node }) =>
      [...(this.#birds.get(reader)?.measures.values() ?? [])].map((measure) => ({
        ...measure,
        ...(node && { instance: node.instance }),
      })),
    )
  }

  #nodesOf(cluster: Cluster | undefined): { reader: NodeReader; node?: ClusterNode }[] {
    if (cluster) return cluster.members.flatMap(({ reader, node }) => (reader ? [{ reader, node }] : []))
    return this.options.single ? [{ reader: this.options.single }] : []
  }

  /** One turn for every node that there is now. */
  #fly(): void {
    const nodes = [undefined, ...this.options.clusters].flatMap((cluster) => this.#nodesOf(cluster))
    const present = new Set(nodes.map(({ reader }) => reader))
    for (const [reader, { link }] of this.#birds) {
      if (present.has(reader)) continue
      link.close()
      this.#birds.delete(reader)
    }
    for (const [i, { reader, node }] of nodes.entries()) {
      const turn = setTimeout(
        () => {
          this.#turns.delete(turn)
          void this.#visit(reader, node)
        },
        (i / nodes.length) * this.options.intervalMs,
      )
      this.#turns.add(turn)
    }
  }

  async #visit(reader: NodeReader, node: ClusterNode | undefined): Promise<void> {
    let bird = this.#birds.get(reader)
    if (!bird) {
      bird = {
        link: reader.link.sibling({}, { purpose: 'canary' }),
        measures: new Map(),
        flying: false,
      }
      this.#birds.set(reader, bird)
    }
    if (bird.flying) return
    bird.flying = true
    await this.#measure(bird, 'ping', PING)
    const key = this.#keyFor(bird, reader, node)
    if (key !== undefined) {
      const { keyTtlMs } = this.options
      await this.#measure(bird, 'set', encodePipeline([['SET', key, 'canary', 'PX', String(keyTtlMs)]]))
      await this.#measure(bird, 'get', encodePipeline([['GET', key]]))
    }
    bird.flying = false
  }

  async #measure({ link, measures }: Bird, command: string, request: Buffer): Promise<void> {
    const { bounds, timeoutMs } = this.options
    let measure = measures.get(command)
    if (!measure) {
      measure = { command, counts: Array<number>(bounds.length + 1).fill(0), sumSeconds: 0, failures: 0 }
      measures.set(command, measure)
    }
    const { connections } = link
    const started = performance.now()
    const answer = await link.exchange(request, 1, timeoutMs).catch(() => undefined)
    const seconds = (performance.now() - started) / 1000
    const refused = answer && errorOf(answer[0]!)
    if (answer && refused === undefined) {
      // With a connect, it is no latency of a command.
      if (link.connections !== connections) return
      const bucket = bounds.findIndex((bound) => seconds <= bound)
      measure.counts[bucket < 0 ? bounds.length : bucket]!++
      measure.sumSeconds += seconds
    } else if (!/^(?:MOVED|ASK)/.test(refused ?? '')) measure.failures++
  }

  /** A key that the node owns the slot of; undefined where it may not be written to. */
  #keyFor(bird: Bird, { last }: NodeReader, node: ClusterNode | undefined): string | undefined {
    const { keyPrefix } = this.options
    if (keyPrefix === '') return undefined
    if (!node) return last?.info?.get('role') === 'master' ? `${keyPrefix}canary` : undefined
    if (node.role !== 'primary' || node.slots.length === 0) return undefined
    const isOwned = (key: string) => {
      const slot = slotOf(Buffer.from(key))
      return node.slots.some(([from, to]) => from <= slot && slot <= to)
    }
    for (let n = 0; bird.key === undefined || !isOwned(bird.key); n++) bird.key = `${keyPrefix}{${n}}`
    return bird.key
  }
}
