import { describe, expect, it, vi } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'
import { planOf } from '../../../test/fakes.js'

const cli = useCliControl()

describe('slotwise operations, pause, resume, cancel', () => {
  it('list and command', async () => {
    expect((await cli.run(['operations'])).out).toBe('no operations')
    cli.control.operations.start(planOf('p1', 'demo'), { token: 't', claimedUser: 'zo\u001b[31më' }, 'x')
    const { out } = await cli.run(['operations', '--cluster', 'demo'])
    expect(out).toMatch(/p1 .*eviction-policy .*demo .*running .*0\/1 .*t \(zo \[31më\)/)
    expect(JSON.parse((await cli.run(['operations', '--json'])).out)).toMatchObject([{ id: 'p1' }])
    expect((await cli.run(['pause', 'p1', '--reason', 'lunch'])).out).toContain('is paused')
    expect((await cli.run(['resume', 'p1'])).out).toContain('is running')
    expect(JSON.parse((await cli.run(['cancel', 'p1', '--json'])).out)).toMatchObject({ state: 'cancelled' })
    expect(cli.control.operations.asked.map(({ method, arguments: given }) => [method, given[2]])).toEqual([
      ['pause', 'lunch'],
      ['resume', ''],
      ['cancel', ''],
    ])
  })

  it('name the missing scope', async () => {
    cli.control.operations.start(planOf('p1', 'demo'), { token: 't' }, 'x')
    const env = { SLOTWISE_API: cli.control.url, SLOTWISE_TOKEN: cli.control.tokens.reader! }
    expect(await cli.run(['cancel', 'p1'], { env })).toMatchObject({
      code: 1,
      err: 'slotwise: The token lacks a scope: the token reader lacks the scope run (403)',
    })
  })

  it('say how to give a token, and where the API should be', async () => {
    expect((await cli.run(['operations'], { env: { SLOTWISE_API: cli.control.url } })).err).toMatch(
      /SLOTWISE_TOKEN/,
    )
    expect(await cli.run(['operations', '--api', 'http://127.0.0.1:1'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^slotwise: cannot reach the control API at http:\/\/127\.0\.0\.1:1: .*--api/,
      ) as string,
    })
  })
})

describe('slotwise freeze and unfreeze', () => {
  it('stops everything with a reason, says how to end it, and ends it', async () => {
    const { code, out } = await cli.run(['freeze', '--reason', 'incident 7'])
    expect({ code, out }).toEqual({
      code: 0,
      out: "operations are frozen by me: incident 7\nend it: slotwise unfreeze --reason '...'",
    })
    expect(cli.control.operations.frozen).toMatchObject({ on: true, reason: 'incident 7' })
    const ended = await cli.run(['unfreeze', '--reason', 'over'])
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('no longer frozen') as string })
    expect(cli.control.operations.frozen).toMatchObject({ on: false, reason: 'over' })
  })

  it('says for what it was frozen already', async () => {
    vi.spyOn(cli.control.operations, 'freeze').mockResolvedValueOnce({ on: true, reason: 'incident 6' })
    expect((await cli.run(['freeze', '--reason', 'incident 7'])).out).toBe(
      "operations are frozen: incident 6\nthey were frozen already; your reason is in the event log\nend it: slotwise unfreeze --reason '...'",
    )
  })

  it('needs a reason, and the scope admin', async () => {
    expect((await cli.run(['freeze'])).code).toBe(2)
    const env = { SLOTWISE_API: cli.control.url, SLOTWISE_TOKEN: cli.control.tokens.reader! }
    expect(await cli.run(['freeze', '--reason', 'x'], { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('admin') as string,
    })
  })
})
