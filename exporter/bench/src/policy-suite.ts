import { join } from 'node:path'
import { freePorts } from '../../../stack/dist/ports.js'
import { startCluster } from '../../../stack/dist/redis-cluster.js'
import { until } from '../../../stack/dist/until.js'
import { evictionPolicySpec } from '../../dist/contract/kinds/eviction-policy.js'
import type { RunContext } from '../../dist/operations/kind.js'
import { evictionPolicy } from '../../dist/operations/kinds/eviction-policy/kind.js'
import { Cluster } from '../../dist/redis/cluster.js'
import { parseEndpoint } from '../../dist/redis/endpoint.js'
import { startDelayProxy, type DelayProxy } from './delay-proxy.js'
import { Measurements } from './measure.js'
import { noLimits } from './no-limits.js'
import type { BenchOptions, Report, Suite } from './suite.js'

/** That of another region; long against what the machine itself takes. */
const ROUND_TRIP_MS = 20
const TARGET = 3
const [TURNS, RUN, WHOLE] = ['turns', 'run', 'look again and run']
const NAME = 'slotwise'

export const policySuite: Suite = {
  name: 'policy',
  description: 'how many round trips a policy takes on every node of a cluster, read back',
  async *run(options) {
    yield await measure(options)
  },
}

/** Without the event log: its appends are left out, and a checkpoint takes no time. */
async function measure({ nodes, rounds, dir, say }: BenchOptions): Promise<Report> {
  say(`starting ${nodes} nodes behind proxies that add ${ROUND_TRIP_MS} ms`)
  const ports = await freePorts(nodes, { bus: true })
  const redis = await startCluster({ ports, dir: join(dir, 'policy') })
  const proxies = await Promise.all(redis.nodes.map(({ port }) => startDelayProxy(port, ROUND_TRIP_MS)))
  const cluster = new Cluster({
    name: 'bench',
    seeds: [parseEndpoint(`127.0.0.1:${proxies[0]!.port}`)],
    link: {},
    allow: [],
    nodeTimeoutMs: 10_000,
  })
  try {
    await Promise.all(
      redis.nodes.map((node, i) =>
        // A busy machine is to lose no node; from the start, nodes would take as long to tell each other their slots.
        node.cli(
          ...['CONFIG', 'SET', 'cluster-announce-port', String(proxies[i]!.port)],
          ...['cluster-node-timeout', '30000'],
        ),
      ),
    )
    const proxied = new Set(proxies.map(({ port }) => `127.0.0.1:${port}`))
    await until(
      async () => {
        await cluster.refresh()
        const { members } = cluster
        return members.length === nodes && members.every(({ node }) => proxied.has(node.address))
      },
      { timeoutMs: 60_000, what: 'every node to be known behind its proxy' },
    )
    const measured = new Measurements()
    for (let round = 0; round <= rounds; round++) {
      const { turns, run, whole } = await once(cluster, proxies, round)
      say(
        `round ${round} of ${rounds}: ${turns} round trips, ${run.toFixed(0)} ms; ${whole.toFixed(0)} ms with looking again`,
      )
      if (round === 0) continue
      measured.add(TURNS, turns)
      measured.add(RUN, run / ROUND_TRIP_MS)
      measured.add(WHOLE, whole / ROUND_TRIP_MS)
    }
    return reportOf(measured, nodes, rounds)
  } finally {
    cluster.close()
    for (const proxy of proxies) proxy.close()
    await redis.stop()
  }
}

interface Once {
  /** Round trips of the node that had most. */
  readonly turns: number
  readonly run: number
  readonly whole: number
}

/** Milliseconds of a run, and of what a request to run a plan takes with it. */
async function once(cluster: Cluster, proxies: readonly DelayProxy[], round: number): Promise<Once> {
  const id = `bench-${round}`
  const spec = evictionPolicySpec.parse({ samples: 3 + (round % 50), lazyfreeEviction: round % 2 === 0 })
  await evictionPolicy.plan(spec, { id, cluster })
  const started = performance.now()
  const outcome = await evictionPolicy.plan(spec, { id, cluster, again: true })
  if ('problems' in outcome) throw new Error(outcome.problems.map(({ reason }) => reason).join('; '))
  const nothing = () => Promise.resolve()
  const context: RunContext = {
    id,
    cluster,
    body: outcome.body,
    connectionName: `slotwise/${id}/1`,
    mustOwn: () => undefined,
    confirmOwn: () => Promise.resolve(),
    nodes: [],
    undone: undefined,
    state: undefined,
    checkpoint: nothing,
    turn: nothing,
    ...noLimits,
  }
  const before = proxies.map(({ turns }) => turns)
  const began = performance.now()
  const { state, summary } = await evictionPolicy.run(spec, context)
  if (state !== 'succeeded') throw new Error(summary)
  const ended = performance.now()
  const turns = Math.max(...proxies.map((proxy, i) => proxy.turns - before[i]!))
  return { turns, run: ended - began, whole: ended - started }
}

function reportOf(measured: Measurements, nodes: number, rounds: number): Report {
  const trips = (name: string) => measured.median(name)!
  return {
    title: `A policy on ${nodes} nodes ${ROUND_TRIP_MS} ms away, without the log's appends; medians of ${rounds} rounds`,
    programs: [NAME],
    rows: [
      {
        what: 'round trips to a node: read; set and read back',
        values: { [NAME]: String(trips(TURNS)) },
        target: `< ${TARGET}`,
        reached: String(trips(TURNS)),
        met: trips(TURNS) < TARGET,
      },
      { what: 'time of the run / round trip', values: { [NAME]: trips(RUN).toFixed(2) } },
      {
        what: 'with the look that a request to run takes first',
        values: { [NAME]: trips(WHOLE).toFixed(2) },
      },
    ],
  }
}
