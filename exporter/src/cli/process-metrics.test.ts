import { describe, expect, it } from 'vitest'
import { addressSpace, octets, processMetrics } from './process-metrics.js'

describe('processMetrics', () => {
  it.runIf(process.platform === 'linux')(
    "has the families of Prometheus' client for Go, with their types",
    async () => {
      const registry = processMetrics({ redisOnly: false, runtime: false } as never)
      const text = await registry.metrics()
      // docs: prometheus/client_golang, process_collector.go
      for (const family of [
        'cpu_seconds_total counter',
        'max_fds gauge',
        'network_receive_bytes_total counter',
        'network_transmit_bytes_total counter',
        'open_fds gauge',
        'resident_memory_bytes gauge',
        'start_time_seconds gauge',
        'virtual_memory_bytes gauge',
        'virtual_memory_max_bytes gauge',
      ])
        expect(text).toContain(`# TYPE process_${family}\n`)
      expect(text).not.toContain('nodejs_')
    },
  )

  it('has nothing when only Redis is wanted', async () => {
    expect((await processMetrics({ redisOnly: true, runtime: true } as never).metrics()).trim()).toBe('')
  })
})

it('reads what the kernel tells', () => {
  const netstat = 'TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 123 456\n'
  expect(['InOctets', 'OutOctets', 'Nothing'].map((field) => octets(netstat, field))).toEqual([123, 456, 0])
  const line = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax address space         ${soft}    x  bytes\n`
  expect([line('unlimited'), line('1024')].map(addressSpace)).toEqual([2 ** 64, 1024])
})
