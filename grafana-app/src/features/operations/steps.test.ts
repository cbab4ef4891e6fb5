import { expect, test } from 'vitest'
import { reachable, stepOf } from './steps'

test.each([
  [undefined, undefined, false, 'plan'],
  [{ state: 'planning' }, undefined, false, 'plan'],
  [{ state: 'refused' }, undefined, true, 'plan'],
  [{ state: 'stale' }, undefined, true, 'plan'],
  [{ state: 'expired' }, undefined, false, 'plan'],
  [{ state: 'ready' }, undefined, false, 'review'],
  [{ state: 'ready' }, undefined, true, 'confirm'],
  [{ state: 'ready', operation: 'running' }, undefined, true, 'run'],
  [{ state: 'ready', operation: 'running' }, { state: 'succeeded' }, true, 'verify'],
  [{ state: 'ready', operation: 'paused' }, { state: 'paused' }, false, 'run'],
  [{ state: 'ready', operation: 'running' }, { state: 'verifying' }, false, 'verify'],
  [{ state: 'ready', operation: 'needs-attention' }, undefined, false, 'verify'],
] as const)('plan %j with operation %j, confirming %s: %s', (plan, operation, confirming, step) => {
  expect(stepOf(plan, operation, confirming)).toBe(step)
})

test('what runs can be neither reviewed away nor planned again', () => {
  expect(reachable('run')).toEqual([])
  expect(reachable('confirm')).toEqual(['plan', 'review'])
})
