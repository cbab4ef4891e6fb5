import { describe, expect, it, vi } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'
import { startTestControl } from '../../../test/control.js'
import { SCOPES } from '../../contract/tokens.js'

const cli = useCliControl()

describe('slotwise events', () => {
  const append = (shard: string, cluster = 'demo') =>
    cli.control.log.append([
      {
        stream: `cluster/${cluster}`,
        events: [{ type: 'cluster.failover', data: { shard, from: 'a', to: 'b' } }],
      },
    ])

  it('shows the newest, filtered', async () => {
    for (let i = 0; i < 5; i++) await append(`s${i}`)
    await append('x', 'other')
    const { code, out } = await cli.run([
      'events',
      '--cluster',
      'demo',
      '--type',
      'cluster.failover',
      '--limit',
      '2',
    ])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^\S+ \S+Z {2}cluster\.failover +cluster\/demo {2}failover of shard s3: b took over from a\n.* shard s4: .*$/,
    )
    const json = await cli.run(['events', '--limit', '1', '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ subject: 'cluster/other' })
    expect((await cli.run(['events', '--limit', 'x'])).code).toBe(2)
    const unknown = await cli.run(['events', '--type', 'nosuch'])
    expect(unknown).toMatchObject({ code: 2, out: '' })
    expect(unknown.err).toMatch(/there is no 'nosuch'; there are cluster\.discovered, .*operation\.ended/)
    expect((await cli.run(['events', '--type', 'io.slotwise.cluster.failover'])).code).toBe(0)
  })

  it('shows those of one operation, who did what, and leaves a type out', async () => {
    const by = { token: 'me', claimedUser: 'zoë' }
    await cli.control.log.append([
      {
        stream: 'operation/o1',
        events: [
          { type: 'operation.requested', data: { hash: 'h', reason: 'hot keys', by } },
          { type: 'operation.progressed', data: { nodes: [] } },
          { type: 'operation.paused', data: { reason: '', by, gates: [] } },
        ],
      },
    ])
    await append('later')
    const { out } = await cli.run(['events', '--operation', 'o1', '--without', 'operation.progressed'])
    expect(out.split('\n').map((line) => line.split('  ').at(-1))).toEqual([
      'a run began: hot keys (by me for zoë)',
      'paused (by me for zoë)',
    ])
    expect(await cli.run(['events', '--without', 'nosuch'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--without: there is no 'nosuch'") as string,
    })
  })

  it('--follow goes on with what comes', async () => {
    const lines: string[] = []
    const own = await startTestControl({ me: { scopes: SCOPES } })
    const following = cli.run(['events', '--follow', '--limit', '0'], {
      env: { SLOTWISE_API: own.url, SLOTWISE_TOKEN: own.tokens.me! },
      print: (text) => lines.push(text),
    })
    const events = [{ type: 'cluster.failover' as const, data: { shard: 's', from: 'a', to: 'b' } }]
    await vi.waitFor(async () => {
      await own.log.append([{ stream: 'cluster/demo', events }])
      expect(lines.length).toBeGreaterThan(0)
    })
    await own.stop()
    // The stream ended in good order and the API is gone for good: that is told at once, and it gives up at last.
    const { code, err } = await following
    expect(code).toBe(1)
    expect(err).toMatch(/^cannot reach the control API at .*; trying on\n/)
    expect(lines[0]).toContain('cluster.failover')
  })
})
