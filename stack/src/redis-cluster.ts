import { BUS_OFFSET } from './ports.js'
import { startNode, type NodeOptions, type RedisNode } from './redis-node.js'
import { until } from './until.js'

const SLOTS = 16_384

export interface ClusterOptions extends Omit<NodeOptions, 'port' | 'cluster'> {
  /** One node each; their bus ports must be free too. The primaries come first. */
  ports: readonly number[]
  /** How far each bus port is from its node's port; 10000 unless given, else it takes Redis 7 or later. */
  busOffset?: number
  /** Replicas of each primary; 1 unless given. The ports must divide evenly. */
  replicas?: number
  /** cluster-node-timeout in ms; 2000 unless given. */
  nodeTimeoutMs?: number
}

export interface RedisCluster {
  /** Every node started, in the order of the ports, then those added: primaries, then replicas in their primaries' order. */
  readonly nodes: readonly RedisNode[]
  /** Starts one more node and joins it, as an empty primary or as a replica of the node with this id. */
  addNode(port: number, options?: { replicaOf?: string }): Promise<RedisNode>
  /** Stops all nodes, the last first. */
  stop(): Promise<void>
}

/**
 * Starts a cluster whose slots are spread evenly over its primaries.
 * @returns when every node says cluster_state:ok, knows all others, and every replica is linked to its primary
 */
export async function startCluster(options: ClusterOptions): Promise<RedisCluster> {
  const { ports, replicas = 1, nodeTimeoutMs = 2000, busOffset = BUS_OFFSET, config, ...shared } = options
  const primaryCount = ports.length / (replicas + 1)
  if (!Number.isInteger(primaryCount) || primaryCount < 1)
    throw new Error(`${ports.length} nodes do not divide into primaries with ${replicas} replicas each`)

  const launch = (port: number): Promise<RedisNode> =>
    startNode({
      ...shared,
      port,
      cluster: true,
      config: {
        'cluster-node-timeout': String(nodeTimeoutMs),
        ...(busOffset === BUS_OFFSET ? {} : { 'cluster-port': String(port + busOffset) }),
        ...config,
      },
    })
  const meetAll = async (node: RedisNode, others: readonly RedisNode[]): Promise<void> => {
    for (const { port } of others)
      await node.cli('CLUSTER', 'MEET', '127.0.0.1', String(port), String(port + busOffset))
  }
  const nodes: RedisNode[] = []
  const stop = async (): Promise<void> => {
    for (const node of nodes.toReversed()) await node.stop()
  }

  try {
    const started = await Promise.allSettled(ports.map(launch))
    nodes.push(...started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])))
    const failed = started.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason

    const primaries = nodes.slice(0, primaryCount)
    await Promise.all(nodes.map((node, index) => node.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))))
    await Promise.all(
      primaries.map((node, index) =>
        node.cli('CLUSTER', 'ADDSLOTS', ...slotsOf(index, primaryCount).map(String)),
      ),
    )
    await Promise.all(nodes.map((node, index) => meetAll(node, nodes.slice(index + 1))))
    await Promise.all(nodes.map((node) => knows(node, nodes.length)))
    const ids = await Promise.all(primaries.map((node) => node.cli('CLUSTER', 'MYID')))
    await Promise.all(
      nodes
        .slice(primaryCount)
        .map((node, index) => node.cli('CLUSTER', 'REPLICATE', ids[index % primaryCount]!)),
    )
    await Promise.all(nodes.map((node, index) => settled(node, nodes.length, index >= primaryCount)))
  } catch (error) {
    await stop()
    throw error
  }

  return {
    nodes,
    stop,
    async addNode(port, { replicaOf } = {}) {
      const node = await launch(port)
      const known = nodes.filter((one) => one.child.exit === undefined)
      nodes.push(node)
      if (known[0] === undefined) throw new Error('no node of the cluster runs that the new one could join')
      const size = Number(infoField(await known[0].cli('CLUSTER', 'INFO'), 'cluster_known_nodes')) + 1
      await meetAll(known[0], [node])
      await Promise.all([node, ...known].map((one) => knows(one, size)))
      if (replicaOf !== undefined) await node.cli('CLUSTER', 'REPLICATE', replicaOf)
      await settled(node, size, replicaOf !== undefined)
      return node
    },
  }
}

/** The slots of the primary with this index. */
function slotsOf(index: number, primaries: number): number[] {
  const first = Math.ceil((index * SLOTS) / primaries)
  const end = Math.ceil(((index + 1) * SLOTS) / primaries)
  return Array.from({ length: end - first }, (_, offset) => first + offset)
}

/** Waits until a node has shaken hands with all of a cluster of this size. */
async function knows(node: RedisNode, size: number): Promise<void> {
  const handshaken = async (): Promise<boolean> => {
    const others = (await node.cli('CLUSTER', 'NODES')).split('\n').filter((line) => line.trim() !== '')
    return others.length === size && others.every((line) => !/handshake|noaddr| disconnected/.test(line))
  }
  await until(handshaken, { timeoutMs: 20_000, what: `${node.address} to know all ${size} nodes` })
}

/** Waits until a node finds the cluster well and, as a replica, is linked to its primary. */
async function settled(node: RedisNode, size: number, replica: boolean): Promise<void> {
  const well = async (): Promise<boolean> => {
    const info = await node.cli('CLUSTER', 'INFO')
    if (infoField(info, 'cluster_state') !== 'ok' || infoField(info, 'cluster_known_nodes') !== String(size))
      return false
    return !replica || infoField(await node.cli('INFO', 'replication'), 'master_link_status') === 'up'
  }
  await until(well, {
    timeoutMs: 30_000,
    what: `${node.address} to find the cluster well${replica ? ' and its primary' : ''}`,
  })
}

/** One field of what INFO or CLUSTER INFO said. */
export function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
}
