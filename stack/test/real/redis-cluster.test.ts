import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { BUS_OFFSET, freePorts } from '../../src/ports.js'
import { infoField, startCluster, type RedisCluster } from '../../src/redis-cluster.js'
import { until } from '../../src/until.js'

// One has its buses below its nodes, as npm start does for high ports.
describe.each([
  ['redis-server', -BUS_OFFSET],
  ['redis8-server', BUS_OFFSET],
  ['valkey9-server', BUS_OFFSET],
] as const)('a cluster of %s, buses %i from the ports', (server, busOffset) => {
  let dir: string
  let cluster: RedisCluster | undefined
  /** Of the two ports that are found for each node the lower one may be its bus. */
  const nodePorts = async (count: number): Promise<number[]> => {
    const ports = await freePorts(count, { bus: true })
    return busOffset > 0 ? ports : ports.map((port) => port + BUS_OFFSET)
  }

  afterEach(async () => {
    await cluster?.stop()
    cluster = undefined
    await rm(dir, { recursive: true, force: true })
  })

  test('is whole when it is given, survives a killed primary, takes it back, and grows', async () => {
    dir = await mkdtemp(join(tmpdir(), 'slotwise-cluster-'))
    cluster = await startCluster({
      ports: await nodePorts(6),
      busOffset,
      dir,
      server,
      password: 'a "secret"',
    })
    const [primary, second] = cluster.nodes
    const slots = await Promise.all(
      cluster.nodes.map(async (node) => field(await node.cli('CLUSTER', 'INFO'), 'slots_ok')),
    )
    expect(slots).toEqual(Array(6).fill('16384'))
    expect(infoField(await primary!.cli('INFO', 'replication'), 'connected_slaves')).toBe('1')
    await expect(primary!.cli('NOSUCHCOMMAND')).rejects.toThrow(/NOSUCHCOMMAND.*unknown command/)

    await primary!.stop('SIGKILL')
    const successor = cluster.nodes[3]!
    const failedOver = async (): Promise<boolean> =>
      infoField(await successor.cli('INFO', 'replication'), 'role') === 'master' &&
      field(await second!.cli('CLUSTER', 'INFO'), 'state') === 'ok'
    await until(failedOver, { timeoutMs: 60_000, what: 'the replica to take over' })
    await primary!.start()
    const returned = async (): Promise<boolean> =>
      infoField(await primary!.cli('INFO', 'replication'), 'master_link_status') === 'up'
    await until(returned, { timeoutMs: 60_000, what: 'the old primary to return as a replica' })

    const [port] = await nodePorts(1)
    const added = await cluster.addNode(port!, { replicaOf: await second!.cli('CLUSTER', 'MYID') })
    expect(infoField(await added.cli('INFO', 'replication'), 'master_port')).toBe(String(second!.port))
  })
})

const field = (info: string, name: string): string | undefined => infoField(info, `cluster_${name}`)
