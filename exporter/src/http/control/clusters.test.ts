import { expect, it } from 'vitest'
import { readingsOf, watched } from '../../../test/fakes.js'
import { summaryOf } from './clusters.js'

it('a failed primary whose slots another took over counts neither in the memory nor in its limit', () => {
  const { reading, ...cluster } = watched('demo')
  const [replica, primary] = reading!.nodes
  const failed = { ...primary!, id: 'c', instance: 'c:1', flags: ['fail'], slots: [] }
  const readings = new Map([...readingsOf(), ['c:1', readingsOf().get('a:1')!] as const])
  const nodes = [replica!, primary!, failed]
  const summary = summaryOf({ ...cluster, reading: { ...reading!, nodes } }, readings, {
    verdict: 'unhealthy',
    operations: [],
  })
  expect(summary).toMatchObject({ primaries: 2, memory: { usedBytes: 100, maxBytes: 1000 } })
})
