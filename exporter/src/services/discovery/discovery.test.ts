import { describe, expect, it, vi } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import { hangAppends } from '../../../test/hanging-log.js'
import { MemoryLog } from '../../../test/memory-log.js'
import { Candidate } from '../../events/held-lease.js'
import { saveFold } from '../../events/fold.js'
import { Cluster } from '../../redis/cluster.js'
import type { ClusterNode } from '../../redis/replies.js'
import { topologyFold } from './changes.js'
import { Discovery } from './discovery.js'

const node = (id: string, flags: string[] = []) => nodeOf(id, { shard: id, flags })

/** A cluster whose readings the test gives; undefined: no node answers. */
function scripted(): { cluster: Cluster; now: (nodes: ClusterNode[] | undefined) => void } {
  const cluster = new Cluster({ name: 'demo', seeds: [], link: {}, allow: [], nodeTimeoutMs: 1 })
  let nodes: ClusterNode[] | undefined = []
  vi.spyOn(cluster, 'refresh').mockImplementation(() => {
    cluster.errors = nodes ? [] : ['a: refused', 'b: refused']
    if (nodes) {
      cluster.reading = {
        name: 'demo',
        nodes,
        viewsRead: 1,
        views: 1,
        slotsCovered: 0,
        slotsMigrating: 0,
        failovers: 0,
        at: 0,
      }
    }
    return Promise.resolve(cluster.reading)
  })
  return { cluster, now: (next) => (nodes = next) }
}

/** One reading by a discovery that starts anew, as after a restart. */
async function readOnce(
  cluster: Cluster,
  log: MemoryLog | undefined,
  more: Partial<ConstructorParameters<typeof Discovery>[0]> = {},
): Promise<void> {
  const discovery = new Discovery({
    clusters: [cluster],
    intervalMs: 100_000,
    ...(log && { log: () => log }),
    ...more,
  })
  await discovery.start()
  discovery.stop()
}

const types = async (log: MemoryLog) =>
  (await log.readStream('cluster/demo')).map(({ type }) => type.slice('io.slotwise.cluster.'.length))

describe('Discovery', () => {
  it('tells what changed, also while it was away, and a restart tells nothing twice', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    now([node('a'), node('b')])
    await readOnce(cluster, log)
    await readOnce(cluster, log)
    expect(await types(log)).toEqual(['discovered'])
    now([node('a', ['fail']), node('b'), node('c')])
    await readOnce(cluster, log)
    await readOnce(cluster, log)
    expect(await types(log)).toEqual(['discovered', 'node-changed', 'node-added'])
  })

  it('goes on from a snapshot when the events before it are gone', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    now([node('a'), node('b')])
    await readOnce(cluster, log)
    await saveFold(log, topologyFold)
    expect((await log.trim('9999-01-01T00:00:00Z')).events).toBe(1)
    await readOnce(cluster, log)
    expect(await types(log)).toEqual([])
    now([node('a')])
    await readOnce(cluster, log)
    await readOnce(cluster, log)
    expect(await log.readStream('cluster/demo')).toMatchObject([
      { type: 'io.slotwise.cluster.node-removed', streamversion: 2 },
    ])
  })

  it('tells later what the log could not take', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    now([node('a')])
    log.unavailable = 'disk full'
    await readOnce(cluster, log)
    log.unavailable = undefined
    await readOnce(cluster, log)
    expect(await types(log)).toEqual(['discovered'])
  })

  it('reads on while the log hangs, and tells what it sees then when it wakes up', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    const { appending, wake } = hangAppends(log)
    const onReading = vi.fn()
    now([node('a')])
    const discovery = new Discovery({ clusters: [cluster], intervalMs: 1, log: () => log, onReading })
    const started = discovery.start()
    await vi.waitFor(() => expect(appending).toHaveBeenCalledOnce(), 20_000)
    const before = onReading.mock.calls.length
    now([node('a'), node('b')])
    await vi.waitFor(() => expect(onReading.mock.calls.length).toBeGreaterThan(before + 2), 20_000)
    expect(appending).toHaveBeenCalledOnce()
    wake()
    await started
    await vi.waitFor(async () => expect(await types(log)).toEqual(['discovered', 'node-added']), 20_000)
    discovery.stop()
  })

  it('begins without the names of before where the log does not tell them', async () => {
    vi.useFakeTimers()
    try {
      const log = new MemoryLog()
      log.loadSnapshot = () => new Promise(() => undefined)
      const { cluster, now } = scripted()
      now([node('a')])
      const onReading = vi.fn()
      const discovery = new Discovery({ clusters: [cluster], intervalMs: 1, log: () => log, onReading })
      void discovery.start()
      await vi.advanceTimersByTimeAsync(60_000)
      expect(onReading).toHaveBeenCalled()
      discovery.stop()
    } finally {
      vi.useRealTimers()
    }
  })

  it('lets verdicts stand between its own events', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    now([node('a')])
    const discovery = new Discovery({ clusters: [cluster], intervalMs: 1, log: () => log })
    await discovery.start()
    await log.append([
      {
        stream: 'cluster/demo',
        events: [{ type: 'health.changed', data: { check: 'x', ok: true, evidence: '', todo: '' } }],
      },
    ])
    now([node('a'), node('b')])
    await vi.waitFor(async () =>
      expect((await log.readStream('cluster/demo')).map(({ type }) => type)).toContain(
        'io.slotwise.cluster.node-added',
      ),
    )
    discovery.stop()
    expect((await log.verify()).ok).toBe(true)
  })

  it('compares with the snapshot when what another process told is gone by now', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    now([node('a')])
    const discovery = new Discovery({ clusters: [cluster], intervalMs: 1, log: () => log })
    await discovery.start()
    const other = scripted()
    other.now([node('a'), node('b')])
    await readOnce(other.cluster, log)
    await saveFold(log, topologyFold)
    expect((await log.trim('9999-01-01T00:00:00Z')).events).toBe(2)
    const verdict = { check: 'x', ok: true, evidence: '', todo: '' }
    await log.append([{ stream: 'cluster/demo', events: [{ type: 'health.changed', data: verdict }] }])
    now([node('a'), node('c')])
    await vi.waitFor(async () => expect(await types(log)).toContain('node-added'), 20_000)
    discovery.stop()
    expect(await types(log)).toContain('node-removed')
  })

  it('says once that a cluster is silent, and once that it is not any more', async () => {
    const { cluster, now } = scripted()
    const onSilence = vi.fn()
    const onReturn = vi.fn()
    now(undefined)
    const discovery = new Discovery({ clusters: [cluster], intervalMs: 1, onSilence, onReturn })
    await discovery.start()
    await vi.waitFor(() => expect(vi.mocked(cluster.refresh.bind(cluster))).toBeDefined())
    const readings = () => (cluster.refresh as unknown as { mock: { calls: unknown[] } }).mock.calls
    await vi.waitFor(() => expect(readings().length).toBeGreaterThan(3), 20_000)
    expect(onReturn).not.toHaveBeenCalled()
    now([node('a')])
    await vi.waitFor(() => expect(onReturn).toHaveBeenCalled(), 20_000)
    const { length } = readings()
    await vi.waitFor(() => expect(readings().length).toBeGreaterThan(length + 3), 20_000)
    discovery.stop()
    expect(onReturn).toHaveBeenCalledOnce()
    expect(onSilence).toHaveBeenCalledOnce()
    expect(onSilence).toHaveBeenCalledWith(cluster, ['a: refused', 'b: refused'])
  })
})

describe('of two that follow a cluster', () => {
  it('one tells what changed, and the other tells on from there when it has gone', async () => {
    const log = new MemoryLog()
    const { cluster, now } = scripted()
    const candidates = ['first', 'second'].map((owner) => new Candidate('watch/demo', { log, owner }))
    const read = (which: 0 | 1) => readOnce(cluster, log, { fence: () => candidates[which]!.fence() })
    now([node('a')])
    await read(0)
    await read(1)
    now([node('a'), node('b')])
    await read(1)
    expect(await types(log)).toEqual(['discovered'])
    await candidates[0]!.release()
    await read(1)
    await read(0)
    expect(await types(log)).toEqual(['discovered', 'node-added'])
  })
})
