import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Child } from '../child.js'
import { startCluster } from '../redis-cluster.js'
import { ALL_KEYS, demoKeys, sampleFile } from './demo-keys.js'
import { startDemoLoad } from './demo-load.js'
import { massInsert } from './mass-insert.js'
import type { ClusterPorts } from './ports.js'

/** A full cluster, and a cold one that can be warmed from it. */
export const CLUSTER_NAME = 'demo'
export const COLD_NAME = 'cold'

const PRIMARIES = 3

export interface DemoClusters {
  /** How many nodes they have. */
  readonly nodes: number
  /** slotwise.yml: both clusters, and a folder with a file that can be loaded. */
  readonly configFile: string
  /** Where each is and what is in it. */
  readonly lines: readonly (readonly [address: string, note: string])[]
}

/** Starts both clusters with a small steady load on each. */
export async function startDemoClusters(
  ports: ClusterPorts,
  folder: string,
  watch: (child: Child) => void,
  onStop: (stop: () => unknown) => void,
): Promise<DemoClusters> {
  const config = { maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lru' }
  const { busOffset } = ports
  const start = async (name: string, ports: readonly number[]): Promise<void> => {
    const cluster = await startCluster({ ports, busOffset, dir: join(folder, 'redis', name), config })
    for (const node of cluster.nodes) watch(node.child)
  }
  const fill = async (): Promise<void> => {
    await start(CLUSTER_NAME, ports.demo)
    await massInsert(ports.demo.slice(0, PRIMARIES), demoKeys())
  }
  // Both are given the time to stop what they started.
  for (const ended of await Promise.allSettled([fill(), start(COLD_NAME, ports.cold)]))
    if (ended.status === 'rejected') throw ended.reason
  onStop(startDemoLoad(ports.demo, { writes: true }))
  onStop(startDemoLoad(ports.cold, { writes: false }))

  const address = (first: number | undefined): string => `redis://127.0.0.1:${first!}`
  const told = (name: string, list: readonly number[], keys: string): readonly [string, string] => [
    address(list[0]),
    `cluster ${name}: 3 primaries, 3 replicas to :${list.at(-1)!}, ${keys}`,
  ]
  return {
    nodes: ports.demo.length + ports.cold.length,
    configFile: writeConfig(folder, { demo: address(ports.demo[0]), cold: address(ports.cold[0]) }),
    lines: [
      told(CLUSTER_NAME, ports.demo, `${ALL_KEYS} keys`),
      told(COLD_NAME, ports.cold, `no keys; warm it from ${CLUSTER_NAME} or demo.jsonl`),
    ],
  }
}

function writeConfig(folder: string, seeds: { demo: string; cold: string }): string {
  const dir = join(folder, 'warmup')
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'demo.jsonl'), sampleFile())
  const clusters = [
    { name: CLUSTER_NAME, seeds: [seeds.demo] },
    { name: COLD_NAME, seeds: [seeds.cold] },
  ]
  const file = join(folder, 'slotwise.yml')
  writeFileSync(file, stringify({ clusters, warmup: { dir } }))
  return file
}
