import { BUS_OFFSET, isPortFree } from '../ports.js'
import type { StartOptions } from './options.js'

/** A port that the stack listens on. */
export interface NeededPort {
  port: number
  /** What for: `the exporter`. */
  use: string
  /** The flag that moves it. */
  flag: string
}

/** The ports of the demo cluster. */
export function clusterPorts({ redisPort }: StartOptions): number[] {
  return Array.from({ length: 6 }, (_, index) => redisPort + index)
}

/** Every port that these options ask for. */
export function neededPorts(options: StartOptions): NeededPort[] {
  const flag = '--redis-port'
  const redis = clusterPorts(options)
  return [
    ...(options.redis === undefined ? redis.map((port) => ({ port, use: 'a Redis node', flag })) : []),
    ...(options.redis === undefined
      ? redis.map((port) => ({ port: port + BUS_OFFSET, use: 'a cluster bus', flag }))
      : []),
    { port: options.exporterPort, use: 'the exporter', flag: '--exporter-port' },
    { port: options.controlPort, use: 'the control API', flag: '--control-port' },
    { port: options.prometheusPort, use: 'Prometheus', flag: '--prometheus-port' },
    { port: options.alertmanagerPort, use: 'Alertmanager', flag: '--alertmanager-port' },
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
