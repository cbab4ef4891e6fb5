import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePorts } from '../../../stack/dist/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/dist/redis-cluster.js'
import { massInsert, type Command } from '../../../stack/dist/start/mass-insert.js'
import { Measurements } from './measure.js'
import { operate, type Taken } from './operate.js'
import { serve } from './serve.js'
import type { BenchOptions, Row, Suite } from './suite.js'

const PRIMARIES = 3
const [PEER, ALL, IDLE] = ['SCAN + UNLINK, ioredis', 'slotwise', 'slotwise, by type and idle time']
/** Keys a second without a rate, and how far a rate may be missed. */
const TARGET = 100_000
const RATES = [5000, 20_000]
const TOLERANCE = 0.05
/** So long a run with a rate takes at most; shorter where few keys are asked for. */
const THROTTLED_SECONDS = 10
const KEYS_A_SECOND_OF_IT = 30_000

export const evictKeysSuite: Suite = {
  name: 'evict-keys',
  description:
    'how fast keys are unlinked by criteria, beside SCAN and UNLINK by ioredis; how well a rate is kept',
  async *run(options) {
    const cluster = await startCluster({
      ports: await freePorts(PRIMARIES, { bus: true }),
      replicas: 0,
      dir: join(options.dir, 'redis'),
    })
    const seeds = [`redis://${cluster.nodes[0]!.address}`]
    const { exporter, token } = await serve({ clusters: [{ name: 'demo', seeds }] }, options.dir)
    const evict = (spec: object): Promise<Taken> =>
      operate(exporter, token, { cluster: 'demo', kind: 'evict-keys', spec })
    try {
      const programs: Readonly<Record<string, () => Promise<Taken>>> = {
        [PEER]: () => byClient(cluster),
        [ALL]: () => evict({ match: 'key:*', rate: {} }),
        // Idle times are whole seconds, and the keys are just written: 0 is not over 0.
        [IDLE]: () => evict({ match: 'key:*', rate: {}, types: ['string'], noTtl: true, idleOver: 1 }),
      }
      yield {
        title: `${options.keys} strings of 100 bytes on ${PRIMARIES} primaries, all unlinked; medians of ${options.rounds} rounds, in turn`,
        programs: Object.keys(programs),
        rows: await unlinked(cluster, options, programs),
      }
      yield {
        title: `keys a second with a rate, over ${secondsOf(options)} s`,
        programs: ['asked', 'reached'],
        rows: await throttled(cluster, options, evict),
      }
    } finally {
      await exporter.stop()
      await cluster.stop()
    }
  },
}

async function unlinked(
  cluster: RedisCluster,
  { rounds, keys, say }: BenchOptions,
  programs: Readonly<Record<string, () => Promise<Taken>>>,
): Promise<Row[]> {
  let measured = new Measurements()
  for (let round = 0; round <= rounds; round++) {
    if (round === 1) measured = new Measurements()
    for (const [name, run] of Object.entries(programs)) {
      await fill(cluster, keys)
      if (name === IDLE) await new Promise((resolve) => setTimeout(resolve, 3000))
      const { working, whole } = await run()
      const left = await size(cluster)
      if (left > 0) throw new Error(`${name} left ${left} of ${keys} keys`)
      say(
        `${round === 0 ? 'first round, not counted' : `round ${round} of ${rounds}`}: ${name} ${working.toFixed(2)} s, ${whole.toFixed(2)} s in all`,
      )
      measured.add(name, working)
      measured.add(`whole ${name}`, whole)
    }
  }
  const speed = (name: string) => keys / measured.median(name)!
  const told = (prefix: string) =>
    Object.fromEntries(
      Object.keys(programs).map((name) => [name, `${Math.round(speed(prefix + name) / 1000)} k`]),
    )
  return [
    {
      what: 'keys a second, unlinking',
      values: told(''),
      target: `${TARGET / 1000} k`,
      reached: `${Math.round(speed(ALL) / 1000)} k`,
      met: speed(ALL) >= TARGET,
    },
    { what: 'keys a second, from the request to the end', values: told('whole ') },
    ...[ALL, IDLE].map((name) => ({
      what: `${name} / ${PEER}`,
      values: {},
      reached: `${measured.ratio(PEER, name)!.toFixed(2)} x`,
    })),
  ]
}

function secondsOf({ keys }: BenchOptions): number {
  return Math.max(1, Math.min(THROTTLED_SECONDS, Math.round(keys / KEYS_A_SECOND_OF_IT)))
}

/** Whether a rate is what was asked for, as counted from outside. */
async function throttled(
  cluster: RedisCluster,
  options: BenchOptions,
  evict: (spec: object) => Promise<Taken>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const keysPerSecond of RATES) {
    const keys = keysPerSecond * secondsOf(options)
    await fill(cluster, keys)
    const samples: { at: number; left: number }[] = []
    const looking = setInterval(() => {
      void size(cluster).then((left) => samples.push({ at: performance.now(), left }))
    }, 250)
    try {
      await evict({ match: 'key:*', rate: { keysPerSecond } })
    } finally {
      clearInterval(looking)
    }
    const middle = samples.filter(({ left }) => left < keys * 0.95 && left > keys * 0.05)
    const [first, last] = [middle[0], middle.at(-1)]
    if (!first || !last || first === last) continue // too short to be measured
    const reached = ((first.left - last.left) / (last.at - first.at)) * 1000
    const off = reached / keysPerSecond - 1
    options.say(`asked for ${keysPerSecond}, reached ${Math.round(reached)}`)
    rows.push({
      what: 'keys a second',
      values: { asked: String(keysPerSecond), reached: String(Math.round(reached)) },
      target: `± ${TOLERANCE * 100} %`,
      reached: `${off >= 0 ? '+' : ''}${(off * 100).toFixed(1)} %`,
      met: Math.abs(off) <= TOLERANCE,
    })
  }
  return rows
}

/** SCAN on every primary at once, each page unlinked in a pipeline of one command a key. */
async function byClient({ nodes }: RedisCluster): Promise<Taken> {
  const started = performance.now()
  await Promise.all(
    nodes.map(async ({ port }) => {
      const redis = new Redis(port)
      let cursor = '0'
      do {
        const [next, keys] = await redis.scanBuffer(cursor, 'MATCH', 'key:*', 'COUNT', 1000)
        cursor = next.toString()
        const pipeline = redis.pipeline()
        for (const key of keys) pipeline.unlink(key)
        await pipeline.exec()
      } while (cursor !== '0')
      redis.disconnect()
    }),
  )
  const seconds = (performance.now() - started) / 1000
  return { working: seconds, whole: seconds }
}

async function fill({ nodes }: RedisCluster, keys: number): Promise<void> {
  await Promise.all(nodes.map((node) => node.cli('FLUSHALL', 'SYNC')))
  await massInsert(
    nodes.map(({ port }) => port),
    commands(keys),
  )
}

async function size({ nodes }: RedisCluster): Promise<number> {
  const sizes = await Promise.all(nodes.map((node) => node.cli('DBSIZE')))
  return sizes.reduce((sum, text) => sum + Number(text), 0)
}

function* commands(keys: number): Generator<Command> {
  const value = 'v'.repeat(100)
  for (let i = 0; i < keys; i++) yield ['SET', `key:${i}`, value]
}
