import { startNode } from '../../../stack/dist/redis-node.js'
import { freePorts } from '../../../stack/dist/ports.js'
import { openStreamsLog } from '../../dist/events/stores/redis-streams.js'
import { CommandLink } from '../../dist/redis/command-link.js'
import { parseEndpoint } from '../../dist/redis/endpoint.js'
import type { BenchOptions, Row } from './suite.js'

export const OURS = 'Slotwise'
export const XADD = 'XADD alone'

const WRITERS = [1, 8, 64]
const SLICE_MS = 500
/** About what the event below takes as JSON. */
const PAYLOAD = 'x'.repeat(470)

/**
 * Durable appends to a log in Redis Streams beside XADD alone, both to one server with `appendfsync always`: writers
 * that each wait for an answer before they go on. In turn, in slices, because the machine is never the same for long.
 */
export async function streamsRows({ rounds, dir }: Pick<BenchOptions, 'rounds' | 'dir'>): Promise<Row[]> {
  const [port] = await freePorts(1)
  const config = { appendonly: 'yes', appendfsync: 'always' }
  const node = await startNode({ port: port!, dir, config })
  const endpoint = parseEndpoint(node.address)
  const link = new CommandLink(endpoint, { clientName: 'bench', timeoutMs: 10_000 })
  await link.connect()
  const log = await openStreamsLog({ endpoint, source: 'slotwise/bench' })
  const versions = new Map<number, number>()
  const append = async (writer: number) => {
    const expectedVersion = versions.get(writer) ?? 0
    const data = { shard: 'a', from: 'x', to: 'y'.repeat(150) }
    await log.append([
      { stream: `cluster/${writer}`, expectedVersion, events: [{ type: 'cluster.failover', data }] },
    ])
    versions.set(writer, expectedVersion + 1)
  }
  const rows: Row[] = []
  for (const writers of WRITERS) {
    const [alone, ours] = [new Rate(), new Rate()]
    for (let round = 0; round < rounds; round++) {
      await alone.measure(writers, () => link.call('XADD', 'plain', '*', 'event', PAYLOAD))
      await ours.measure(writers, append)
    }
    const share = ours.perSecond / alone.perSecond
    rows.push({
      what: `durable appends/s, ${writers} at once`,
      values: { [OURS]: String(Math.round(ours.perSecond)), [XADD]: String(Math.round(alone.perSecond)) },
      target: '>= 0.5 x XADD alone',
      reached: `${share.toFixed(2)} x`,
      met: share >= 0.5,
    })
  }
  await log.close()
  link.close()
  await node.stop()
  return rows
}

class Rate {
  #count = 0
  #ms = 0

  get perSecond(): number {
    return (this.#count / this.#ms) * 1000
  }

  async measure(writers: number, act: (writer: number) => Promise<unknown>): Promise<void> {
    const start = performance.now()
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (; performance.now() < start + SLICE_MS; this.#count++) await act(writer)
      }),
    )
    this.#ms += performance.now() - start
  }
}
