import { describe, expect, it } from 'vitest'
import { useCliControl } from '../../../test/cli-control.js'

const cli = useCliControl()

describe('slotwise eviction', () => {
  it('shows each node, where they disagree, and advice with the plan that does it', async () => {
    const { code, out } = await cli.run(['eviction', '--cluster', 'demo'])
    expect(code).toBe(0)
    expect(out).toMatch(/a:1 +│ primary +│ .*noeviction/)
    expect(out).toMatch(/^nodes disagree about maxmemory-policy: noeviction on a:1; .* on b:1$/m)
    expect(out).toMatch(/^warning nodes-disagree: .*\(confidence: high\)$/m)
    expect(out).toMatch(/^ {2}slotwise plan eviction-policy --cluster demo --set policy=\S+ --wait$/m)
    const json = JSON.parse((await cli.run(['eviction', '--cluster', 'demo', '--json'])).out) as object
    expect(json).toMatchObject({ cluster: 'demo', drift: [{ parameter: 'policy' }] })
  })

  it('wants a cluster that is there', async () => {
    expect((await cli.run(['eviction'])).code).toBe(2)
    expect(await cli.run(['eviction', '--cluster', 'nope'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such cluster') as string,
    })
  })
})
