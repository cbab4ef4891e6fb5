import { BUS_OFFSET, FIRST_OUTGOING, isPortFree } from '../ports.js'
import type { StartOptions } from './options.js'

/** A port that the stack listens on. */
export interface NeededPort {
  port: number
  /** What for: `the exporter`. */
  use: string
  /** The flag that moves it. */
  flag: string
}

const NODES = 6
/** How far the ports of the second cluster are from those of the first. */
const COLD_OFFSET = 10

export interface ClusterPorts {
  readonly demo: readonly number[]
  readonly cold: readonly number[]
  /** How far the bus port of each node is from its port: above it as usual, or below where it might be taken there. */
  readonly busOffset: number
}

/** The ports of the clusters that are started: a full one, and a cold one that can be warmed from it. */
export function clusterPorts({ redisPort }: StartOptions): ClusterPorts {
  const from = (first: number) => Array.from({ length: NODES }, (_, index) => first + index)
  const [demo, cold] = [from(redisPort), from(redisPort + COLD_OFFSET)]
  const isClear = cold.at(-1)! + BUS_OFFSET < FIRST_OUTGOING
  return { demo, cold, busOffset: isClear ? BUS_OFFSET : -BUS_OFFSET }
}

/** Every port that these options ask for. */
export function neededPorts(options: StartOptions): NeededPort[] {
  const flag = '--redis-port'
  const { demo, cold, busOffset } = clusterPorts(options)
  const redis = options.redis === undefined ? [...demo, ...cold] : []
  return [
    ...redis.map((port) => ({ port, use: 'a Redis node', flag })),
    ...redis.map((port) => ({ port: port + busOffset, use: 'a cluster bus', flag })),
    { port: options.exporterPort, use: 'the exporter', flag: '--exporter-port' },
    { port: options.controlPort, use: 'the control API', flag: '--control-port' },
    { port: options.prometheusPort, use: 'Prometheus', flag: '--prometheus-port' },
    { port: options.alertmanagerPort, use: 'Alertmanager', flag: '--alertmanager-port' },
    { port: options.previewPort, use: 'the preview host', flag: '--preview-port' },
  ]
}

/** @throws an error of one line when two servers are to share a port, or when something listens there already */
export async function assertPortsFree(needed: readonly NeededPort[]): Promise<void> {
  const byPort = new Map<number, NeededPort>()
  for (const one of needed) {
    const other = byPort.get(one.port)
    if (other)
      throw new Error(
        `port ${one.port} is asked for twice: ${other.flag} (${other.use}) and ${one.flag} (${one.use})`,
      )
    byPort.set(one.port, one)
  }
  for (const { port, use, flag } of needed)
    if (!(await isPortFree(port)))
      throw new Error(
        `port ${port} (${use}) is taken on 127.0.0.1: stop what listens there, or choose another with ${flag}`,
      )
}
