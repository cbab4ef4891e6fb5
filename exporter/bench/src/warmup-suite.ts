import { join } from 'node:path'
import { Measurements } from './measure.js'
import type { BenchOptions, Report, Row, Suite } from './suite.js'
import { benchmarkSets, importByCli } from './warmup-peers.js'
import type { Taken } from './operate.js'
import { startWarmupStack, type WarmupStack } from './warmup-stack.js'

const [CLI, TYPED, RESTORE, CLUSTER] = [
  'redis-cli import',
  'slotwise',
  'slotwise, RESTORE',
  'slotwise, cluster',
]
const [BENCHMARK, FILE] = ['redis-benchmark -P 64', 'slotwise, file']

/** What copying has to be against redis-cli's import. */
const TARGET = 10

export const warmupSuite: Suite = {
  name: 'warmup',
  description: "how fast a cluster is filled, beside redis-cli's import and redis-benchmark",
  async *run(options) {
    for (const mix of ['strings', 'mixed'] as const) {
      options.say(`starting servers, writing ${options.keys} keys: ${mix}`)
      const stack = await startWarmupStack({ ...options, dir: join(options.dir, mix), mix })
      try {
        yield await copies(stack, options, mix)
        if (mix === 'strings') yield await loads(stack, options)
      } finally {
        await stack.stop()
      }
    }
  },
}

/** The same keys from the same node by each, one after the other. */
async function copies(stack: WarmupStack, options: BenchOptions, mix: string): Promise<Report> {
  const node = { type: 'redis', name: 'node' }
  const programs: Readonly<Record<string, () => Promise<Taken>>> = {
    [CLI]: () => importByCli(stack.target, stack.node),
    [TYPED]: () => stack.warmup({ source: node }),
    [RESTORE]: () => stack.warmup({ source: node, restore: 'trusted' }),
    [CLUSTER]: () => stack.warmup({ source: { type: 'cluster', name: 'full' } }),
  }
  const measured = await inTurn(stack, options, programs)
  const what =
    mix === 'strings'
      ? 'strings of 100 bytes'
      : 'strings, hashes, lists, sets and sorted sets, of 100 bytes to 1 KB'
  return {
    title: `${options.keys} ${what}, a quarter with a TTL; medians of ${options.rounds} rounds, in turn`,
    programs: Object.keys(programs),
    rows: [
      ...keysASecond(measured, options, Object.keys(programs)),
      ...[TYPED, RESTORE, CLUSTER].flatMap((name) => against(measured, name, CLI, TARGET)),
    ],
  }
}

/** Writing alone: a file of strings, and what Redis takes at best. */
async function loads(stack: WarmupStack, options: BenchOptions): Promise<Report> {
  const programs: Readonly<Record<string, () => Promise<Taken>>> = {
    [BENCHMARK]: () => benchmarkSets(stack.target, options.keys),
    [FILE]: () => stack.warmup({ source: { type: 'file', path: stack.file } }),
  }
  const measured = await inTurn(stack, options, programs)
  return {
    title: `${options.keys} strings of 100 bytes from a JSON Lines file; medians of ${options.rounds} rounds, in turn`,
    programs: Object.keys(programs),
    rows: [
      ...keysASecond(measured, options, Object.keys(programs)),
      ...against(measured, FILE, BENCHMARK, undefined),
    ],
  }
}

/** Seconds of each program into the empty target, the first round thrown away. */
async function inTurn(
  stack: WarmupStack,
  { rounds, keys, say }: BenchOptions,
  programs: Readonly<Record<string, () => Promise<Taken>>>,
): Promise<Measurements> {
  let measured = new Measurements()
  for (let round = 0; round <= rounds; round++) {
    if (round === 1) measured = new Measurements()
    for (const [name, run] of Object.entries(programs)) {
      await stack.empty()
      const { working: copying, whole } = await run()
      const size = await stack.size()
      // redis-benchmark writes at random, and so some keys twice.
      if (size !== keys && name !== BENCHMARK) throw new Error(`${name} left ${size} of ${keys} keys`)
      say(
        `${round === 0 ? 'first round, not counted' : `round ${round} of ${rounds}`}: ${name} ${copying.toFixed(2)} s, ${whole.toFixed(2)} s in all`,
      )
      measured.add(`copying ${name}`, copying)
      measured.add(`whole ${name}`, whole)
    }
  }
  return measured
}

const SPANS = { copying: 'copying', whole: 'from the request to the end' } as const

function keysASecond(measured: Measurements, { keys }: BenchOptions, names: readonly string[]): Row[] {
  return Object.entries(SPANS).map(([span, what]) => {
    const speeds = names.map((name) => [
      name,
      `${Math.round(keys / measured.median(`${span} ${name}`)! / 1000)} k`,
    ])
    return { what: `keys a second, ${what}`, values: Object.fromEntries(speeds) as Record<string, string> }
  })
}

/** How many times as fast; what is promised is the copying, since that is all that the peers do. */
function against(measured: Measurements, name: string, peer: string, target: number | undefined): Row[] {
  return Object.entries(SPANS).map(([span, what]) => {
    const ratio = measured.ratio(`${span} ${peer}`, `${span} ${name}`)!
    return {
      what: `${name} / ${peer}, ${what}`,
      values: {},
      reached: `${ratio.toFixed(ratio < 1 ? 2 : 1)} x`,
      ...(target !== undefined && span === 'copying' && { target: `${target} x`, met: ratio >= target }),
    }
  })
}
