import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { whoami } from '../../test/backend'
import { policyOperation, policyPlan } from '../../test/examples'
import { button, RUN, show } from '../../test/policyFlow'

const blocked = {
  ...policyPlan,
  blockers: [
    { check: 'fits', node: '127.0.0.1:7000', reason: 'it does not fit', todo: 'make room' },
    { check: 'fits', node: '127.0.0.1:7003', reason: 'it does not fit either', todo: 'make room' },
    { check: 'replicas', reason: 'a shard has no replica', todo: 'add one' },
  ],
}
const asked = async () => {
  const user = userEvent.setup()
  await user.click(await button('Continue to confirm'))
  await user.type(screen.getByLabelText(/^Cluster/), 'demo')
  await user.type(screen.getByLabelText(/^Reason/), 'CHG-1')
  return user
}
const box = (check: string) => screen.findByRole('checkbox', { name: new RegExp(`^Override ${check}`) })

test('a plan that is blocked shows each reason, and runs when each check is overridden', async () => {
  const backend = show(
    { 'GET api/v1/plans/p-1': blocked, 'POST api/v1/plans/p-1/run': policyOperation },
    'p-1',
  )
  expect(await screen.findByText(/127\.0\.0\.1:7003: it does not fit either/)).toBeVisible()
  expect(screen.getByText(/a shard has no replica/)).toBeVisible()
  expect(screen.getByRole('region', { name: /^Command that overrides/ })).toHaveTextContent(
    /^slotwise run p-1 --confirm demo --hash \w+ --reason '…' --override fits replicas$/,
  )
  const user = await asked()
  expect(screen.getAllByRole('checkbox')).toHaveLength(2)
  const run = screen.getByRole('button', { name: RUN })
  await user.click(await box('fits'))
  expect(run).toBeDisabled()
  await user.click(await box('replicas'))
  await user.click(run)
  await waitFor(() =>
    expect(backend.sent('POST', 'api/v1/plans/p-1/run')).toEqual([
      { confirm: 'demo', hash: policyPlan.hash, reason: 'CHG-1', override: ['fits', 'replicas'] },
    ]),
  )
})

test('without the scope nothing can be overridden, and it says why', async () => {
  const scopes = whoami.scopes.filter((scope) => scope !== 'override')
  show({ 'GET api/v1/plans/p-1': blocked, 'GET whoami/run': { ...whoami, scopes } }, 'p-1')
  await asked()
  expect(await box('fits')).toBeDisabled()
  expect(screen.getByText(/run token “grafana” lacks the scope override/)).toBeVisible()
  expect(screen.getByRole('button', { name: RUN })).toBeDisabled()
})

test('a plan that nothing blocks has nothing to override', async () => {
  show({ 'GET api/v1/plans/p-1': policyPlan }, 'p-1')
  await asked()
  expect(screen.queryByRole('checkbox')).toBeNull()
  expect(screen.getByRole('button', { name: RUN })).toBeEnabled()
})

test('many parameters are counted in the title and told below it', async () => {
  const more = policyPlan.changes!.map((change) => ({ ...change, parameter: 'maxmemory', to: '1048576' }))
  show({ 'GET api/v1/plans/p-1': { ...policyPlan, changes: [...policyPlan.changes!, ...more] } }, 'p-1')
  await asked()
  expect(screen.getByRole('button', { name: 'Set 2 parameters on 2 nodes of demo' })).toBeEnabled()
  const lines = within(screen.getByRole('list', { name: 'What is set' })).getAllByRole('listitem')
  expect(lines.map(({ textContent }) => textContent).sort()).toEqual([
    'maxmemory to 1 MiB',
    'maxmemory-samples to 10',
  ])
})
