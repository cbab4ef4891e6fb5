import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import type { Plan } from '../../api/contract'
import { everythingAllowed, fakeBackend, roleRefused } from '../../test/backend'
import { warmupPlan } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { warmup } from '../warmup/kind'
import { PlanReview } from './PlanReview'

function show(plan: Plan, answers: Record<string, unknown> = {}) {
  fakeBackend({ ...everythingAllowed, ...answers })
  renderInApp(
    <PlanReview
      plan={plan}
      kind={warmup}
      forbidden=""
      onChange={() => undefined}
      onContinue={() => undefined}
    />,
  )
}

test('a warmup says how much, whether it fits, how, and warns first', () => {
  show(warmupPlan)
  expect(screen.getByRole('heading', { name: 'Warm 60,000 keys into cold' })).toBeVisible()
  expect(screen.getByText('40 % of the keys have no TTL')).toBeVisible()
  expect(screen.getByText('Takes about').nextElementSibling).toHaveTextContent('6 s')
  expect(screen.getByText('Values go as they are (DUMP and RESTORE): both run Redis 7.0')).toBeVisible()
  const room = within(screen.getByRole('table', { name: 'Room in each shard of the target' }))
  expect(room.getByRole('row', { name: /7010 fits .* about 20,000 .* aaaabbbb/ })).toBeVisible()
  expect(room.getByRole('row', { name: /7011 waits for room .* about 40,000 .* ddddeeee/ })).toBeVisible()
})

test('a warmup into a warm cluster promises no more than what is new', () => {
  const counts = { ...warmupPlan.counts, existing: 59_978 }
  show({ ...warmupPlan, counts })
  expect(screen.getByRole('heading', { name: 'Warm about 22 new keys into cold' })).toBeVisible()
  expect(screen.getByText('59,978 of these keys are').parentElement).toHaveTextContent(
    'in cold already and stay as they are',
  )
})

test('a warmup that replaces says that what is there is overwritten', () => {
  const counts = { ...warmupPlan.counts, existing: 59_978 }
  show({ ...warmupPlan, counts, spec: { ...(warmupPlan.spec as object), conflict: 'replace' } })
  expect(screen.getByRole('heading', { name: 'Warm 60,000 keys into cold' })).toBeVisible()
  expect(screen.getByText('59,978 of these keys are').parentElement).toHaveTextContent('overwritten')
})

test('key names are text, whatever is in them, and long ones are shown whole when asked for', async () => {
  show(warmupPlan)
  const sample = within(screen.getByRole('table', { name: 'Sample of the keys' }))
  expect(sample.getByText('<b>bold</b>\\x1b[2J')).toBeVisible()
  expect(sample.queryByText('bold')).toBeNull()
  expect(sample.getByRole('row', { name: /^user:1 hash 1 h 120 B$/ })).toBeVisible()
  expect(sample.queryByText(`long:${'x'.repeat(4000)}`)).toBeNull()
  await userEvent.click(sample.getByRole('button', { name: 'show all 4,005 characters' }))
  expect(sample.getByText(`long:${'x'.repeat(4000)}`)).toBeVisible()
})

const withheld: Plan = { ...warmupPlan, sample: [], sampleWithheld: true }

test('names of keys that the token of reads does not see come by the route of those who plan', async () => {
  show(withheld, { 'GET with-sample/plans/w-1': warmupPlan })
  expect(await screen.findByText('user:1')).toBeVisible()
})

test('a viewer is told who sees them', async () => {
  show(withheld, { 'GET whoami/plan': roleRefused })
  expect(await screen.findByText('Names of keys are shown to those who may plan a warmup.')).toBeVisible()
})

test.each([
  ['replace', { conflict: 'replace' }, 'Keys that are in cold already are overwritten with those of demo'],
  ['trusted', { restore: 'trusted' }, /^RESTORE is trusted/],
])('%s is marked as dangerous', (_, part, said) => {
  show({ ...warmupPlan, spec: { ...(warmupPlan.spec as object), ...part } })
  expect(screen.getByText(said)).toBeVisible()
})
