import { expect, it } from 'vitest'
import type { Cluster } from '../redis/cluster.js'
import { NodeError } from '../redis/errors.js'
import { connectionName, endOlderConnections, olderIds } from './older-connections.js'

const line = (id: number, name: string) => `id=${id} addr=127.0.0.1:5${id} fd=8 name=${name} age=1 db=0`

it('finds the connections of earlier owners, and nobody else’s', () => {
  const list = [
    line(1, 'slotwise/op/1'),
    line(2, 'slotwise/op/3'),
    line(3, 'slotwise/op/2'),
    line(4, 'slotwise/other/1'),
    line(5, 'slotwise/op/1x'),
    line(6, 'slotwise/op/'),
    line(7, ''),
    line(8, 'xslotwise/op/1'),
    line(9, 'slotwise/op/10'),
  ].join('\n')
  expect(olderIds(list, 'op', 3)).toEqual(['1', '3'])
})

/** A cluster of nodes that answer as told; what was killed is kept. */
function answering(nodes: Readonly<Record<string, string | NodeError>>) {
  const killed: string[] = []
  const opened: string[] = []
  const link = (address: string, name: string) => ({
    connect: () => {
      opened.push(name)
      const answer = nodes[address]!
      return answer instanceof NodeError ? Promise.reject(answer) : Promise.resolve()
    },
    call: (...command: string[]) => {
      if (command[1] === 'KILL') killed.push(`${address} ${command[3]!}`)
      return Promise.resolve(nodes[address])
    },
    close: () => undefined,
  })
  const members = Object.keys(nodes).map((address) => ({
    node: { address, instance: `node-${address}`, flags: [] },
    reader: {},
  }))
  return { cluster: { members, commandLink: link } as unknown as Cluster, killed, opened }
}

it('ends them on every node, asks each node once, and says which it could not ask', async () => {
  const silent = new NodeError('timeout', 'c', 'no answer in time')
  const nodes: Record<string, string | NodeError> = {
    a: `${line(1, 'slotwise/op/1')}\n${line(2, 'slotwise/op/1')}\n${line(3, 'somebody')}`,
    b: new NodeError('refused', 'b', 'connection refused'), // nothing is there that could hold a connection
    c: silent,
  }
  const { cluster, killed, opened } = answering(nodes)
  const ended = new Set<string>()
  const problems = await endOlderConnections(cluster, 'op', 2, ended)
  expect(problems).toEqual([
    'connections of the operator before cannot be ended on node-c: c: no answer in time',
  ])
  expect(killed).toEqual(['a 1', 'a 2'])
  expect(new Set(opened)).toEqual(new Set([connectionName('op', 2)]))
  nodes.c = line(9, 'slotwise/op/1')
  expect(await endOlderConnections(cluster, 'op', 2, ended)).toEqual([])
  expect(killed).toEqual(['a 1', 'a 2', 'c 9'])
})
