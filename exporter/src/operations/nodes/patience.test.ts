import { expect, it } from 'vitest'
import { NodeError } from '../../redis/errors.js'
import { patiently } from './patience.js'
import { NodeChanged } from './passing.js'

it('waits with a gate for what may be well again, and ends with what will not', async () => {
  const gates: string[][] = []
  const context = {
    gate: (reasons: readonly string[]) => Promise.resolve(void gates.push([...reasons])),
    turn: () => Promise.resolve(),
  }
  const ends = [new NodeChanged('silent'), new NodeError('denied', 'node', 'NOPERM')]
  await expect(patiently(context, () => Promise.reject(ends.shift()!))).rejects.toThrow('NOPERM')
  expect(gates).toEqual([['silent']])
})
