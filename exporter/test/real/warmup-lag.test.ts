import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { MemoryLog } from '../memory-log.js'
import { allKinds, clusterOf, contentOf, differences, fill, send, WarmupBench } from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-lag-'))
let old: RedisCluster
let fresh: RedisCluster
beforeAll(async () => {
  const ports = await freePorts(9, { bus: true })
  ;[old, fresh] = await Promise.all([
    startCluster({ ports: ports.splice(0, 6), dir }),
    startCluster({ ports, replicas: 0, dir }),
  ])
})
afterAll(async () => {
  await Promise.all([old.stop(), fresh.stop()])
  rmSync(dir, { recursive: true, force: true })
})

it('reads no replica that has yet to take what was written before, and the primary where that takes long', async () => {
  await send(old.nodes, allKinds())
  const source = clusterOf('old', old.nodes[0]!)
  const target = clusterOf('demo', fresh.nodes[0]!)
  await source.refresh()
  const replicas = source.members.map(({ node }) => node).filter(({ role }) => role === 'replica')
  const cliOf = (at: number) => old.nodes.find(({ address }) => address === replicas[at]!.address)!
  const log = new MemoryLog()
  const bench = await WarmupBench.open(target, source, '', log)
  try {
    const plan = await bench.plan({ rate: {} })
    // They take no writes, of their primary neither, and answer all else, with their links up.
    for (const at of [0, 1]) await cliOf(at).cli('CLIENT', 'PAUSE', '3600000', 'WRITE')
    await fill(old.nodes, 300, 10, 'late')
    const id = await bench.start(plan)
    const waitsFor = async (at: number) =>
      (await log.readStream(`operation/${id}`)).some(({ data }) =>
        ((data as { gates?: string[] }).gates ?? []).some((gate) =>
          gate.startsWith(`replica ${replicas[at]!.instance} has yet to take `),
        ),
      )
    await until(() => waitsFor(0), { timeoutMs: 60_000, what: 'the run to wait for the first' })
    await cliOf(0).cli('CLIENT', 'UNPAUSE')
    const operation = await bench.end(id)
    expect(await waitsFor(1)).toBe(true)
    expect(differences(await contentOf(old.nodes), await contentOf(fresh.nodes))).toEqual([])
    expect(operation).toMatchObject({ state: 'succeeded' })
    const notes = operation.nodes.map(({ note }) => note)
    expect(notes).toContain(`read in place of ${replicas[1]!.instance}, which was behind`)
  } finally {
    for (const at of [0, 1]) await cliOf(at).cli('CLIENT', 'UNPAUSE')
    await bench.engine.stop()
    source.close()
    target.close()
  }
})
