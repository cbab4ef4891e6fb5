import { expect, it } from 'vitest'
import { Samples } from '../exposition/families.js'
import { collectOperations } from './control-plane.js'

it('tells keys by what became of them, each once, and bytes apart', () => {
  const samples = new Samples()
  const counts = { read: 12, written: 10, existing: 2, bytes: 500 }
  const facts = {
    operations: new Map([['demo', new Map([['warmup', 1]])]]),
    counts: new Map([['demo', new Map([['warmup', counts]])]]),
    log: undefined,
  }
  collectOperations(facts, 'demo', samples)
  collectOperations(facts, 'other', samples)
  const told = [...samples.byFamily].flatMap(([{ name }, list]) =>
    list.map(({ value, labels }) => [name, Object.fromEntries(labels), value]),
  )
  expect(told).toEqual([
    ['slotwise_operation_in_progress', { kind: 'warmup' }, 1],
    ['slotwise_operation_keys_total', { kind: 'warmup', outcome: 'written' }, 10],
    ['slotwise_operation_keys_total', { kind: 'warmup', outcome: 'existing' }, 2],
    ['slotwise_operation_bytes_total', { kind: 'warmup' }, 500],
  ])
})
