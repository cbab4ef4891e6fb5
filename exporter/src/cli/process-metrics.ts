import { existsSync, readFileSync } from 'node:fs'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Config } from '../config/config.js'

const NETSTAT = '/proc/self/net/netstat'
const LIMITS = '/proc/self/limits'
/** How Prometheus' client for Go writes that there is no limit. */
const UNLIMITED = 2 ** 64

/** What the exporter says of its own process: `process_*`, and `nodejs_*` if wanted. */
export function processMetrics({ redisOnly, runtime }: Config['metrics']): Registry {
  const registry = new Registry()
  if (redisOnly) return registry
  collectDefaultMetrics({ register: registry })
  if (existsSync(NETSTAT)) collectAsGo(registry)
  if (!runtime) {
    for (const { name } of registry.getMetricsAsArray()) {
      if (name.startsWith('nodejs_')) registry.removeSingleMetric(name)
    }
  }
  return registry
}

/** What the client for Go has of a process on Linux, and the one for Node has not. */
function collectAsGo(registry: Registry): void {
  for (const [way, field] of [
    ['receive', 'InOctets'],
    ['transmit', 'OutOctets'],
  ] as const) {
    new Counter({
      name: `process_network_${way}_bytes_total`,
      help: `Number of bytes that the network namespace of the process has seen (${way}).`,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(octets(readFileSync(NETSTAT, 'utf8'), field))
      },
    })
  }
  new Gauge({
    name: 'process_virtual_memory_max_bytes',
    help: 'Maximum amount of virtual memory available in bytes.',
    registers: [registry],
    collect() {
      this.set(addressSpace(readFileSync(LIMITS, 'utf8')))
    },
  })
}

/** A field of IpExt: two lines, names and values; 0 where there is none. */
export function octets(netstat: string, field: string): number {
  const [names, values] = netstat.split('\n').filter((line) => line.startsWith('IpExt: '))
  const at = names?.split(' ').indexOf(field) ?? -1
  return at < 0 ? 0 : Number(values?.split(' ')[at] ?? 0)
}

/** The soft limit. */
export function addressSpace(limits: string): number {
  const soft = /^Max address space +(\S+)/m.exec(limits)?.[1]
  return soft === undefined || soft === 'unlimited' ? UNLIMITED : Number(soft)
}
