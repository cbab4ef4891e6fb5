import { describe, expect, it } from 'vitest'
import { sentinelView } from './sentinel-view.js'

const node = (port: string, flags: string) => ['name', 'x', 'ip', '10.0.0.1', 'port', port, 'flags', flags]

describe('what a Sentinel knows', () => {
  it('is a shard: the primary with every slot, its replicas, and which of them it misses', () => {
    const view = sentinelView(
      [...node('6379', 'master'), 'config-epoch', '3'],
      [node('6380', 'slave'), node('6381', 's_down,slave,disconnected'), node('6379', 'slave'), ['ip', '']],
    )
    expect(
      view.map(({ id, role, primaryId, flags, linkUp }) => [id, role, primaryId, flags, linkUp]),
    ).toEqual([
      ['10.0.0.1:6379', 'primary', '', [], true],
      ['10.0.0.1:6380', 'replica', '10.0.0.1:6379', [], true],
      ['10.0.0.1:6381', 'replica', '10.0.0.1:6379', ['fail'], false],
    ])
    expect(view[0]).toMatchObject({ slots: [[0, 16383]], configEpoch: 3 })
  })

  it('is nothing where it makes no sense', () => expect(sentinelView(null, 'x')).toEqual([]))
})
