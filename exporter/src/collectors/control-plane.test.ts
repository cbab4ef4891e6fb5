import { expect, it } from 'vitest'
import { Samples } from '../exposition/families.js'
import { collectLog, collectOperations } from './control-plane.js'

it('tells keys by what became of them, each once, and bytes apart', () => {
  const samples = new Samples()
  const counts = { read: 12, written: 10, existing: 2, bytes: 500 }
  const facts = {
    operations: new Map([['demo', new Map([['warmup', 1]])]]),
    counts: new Map([['demo', new Map([['warmup', counts]])]]),
    log: undefined,
    logWorks: true,
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

it.each([
  ['works', { events: 3, bytes: 100, lastDigest: '' }, true, 1],
  ['takes nothing', { events: 3, bytes: 100, lastDigest: '' }, false, 0],
  ['could not be opened', undefined, true, 0],
])('says whether the log that %s is up', (_, log, logWorks, up) => {
  const samples = new Samples()
  collectLog({ operations: new Map(), counts: new Map(), log, logWorks }, samples)
  const [told] = [...samples.byFamily].filter(([{ name }]) => name === 'slotwise_events_log_up')
  expect(told![1].map(({ value }) => value)).toEqual([up])
})
