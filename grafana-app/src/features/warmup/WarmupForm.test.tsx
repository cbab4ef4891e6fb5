import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { everythingAllowed, exporterDown, fakeBackend } from '../../test/backend'
import { warmupPlan } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { WarmupForm } from './WarmupForm'

const sources = {
  cluster: 'cold',
  sources: [
    { type: 'cluster', name: 'demo' },
    { type: 'redis', name: 'old' },
  ],
  files: [{ path: 'users.jsonl', bytes: 2048, modifiedAt: '2026-11-22T04:00:00.000Z' }],
}

function show(answer: unknown, initial?: unknown) {
  fakeBackend({ ...everythingAllowed, 'GET api/v1/clusters/cold/warmup': answer })
  const onPlan = vi.fn()
  renderInApp(<WarmupForm cluster="cold" initial={initial} onPlan={onPlan} pending={false} forbidden="" />)
  return onPlan
}
const plan = () => screen.findByRole('button', { name: 'Plan' })

test('without a source it says what to configure', async () => {
  show({ ...sources, sources: [], files: [] })
  expect(await screen.findByText('There is nothing to copy from yet')).toBeVisible()
  expect(screen.getByText('warmup.dir')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Plan' })).toBeNull()
})

test('without the exporter it says so', async () => {
  show(exporterDown)
  expect(await screen.findByText('The exporter does not answer')).toBeVisible()
})

test('nothing can be planned before a source was chosen', async () => {
  show(sources)
  expect(await plan()).toBeDisabled()
  expect(await plan()).toHaveAccessibleDescription('Choose where to copy from first.')
})

test('a plan that is changed is filled in, and what is dangerous is marked', async () => {
  const user = userEvent.setup()
  const onPlan = show(sources, { ...(warmupPlan.spec as object), conflict: 'replace' })
  expect(await screen.findByLabelText(/^Copy from/)).toHaveValue('demo')
  expect(screen.getByText('What is overwritten is gone')).toBeVisible()
  await user.click(screen.getByRole('radio', { name: 'Gentle' }))
  const largest = screen.getByLabelText(/^Largest value/)
  await user.clear(largest)
  expect(await plan()).toBeDisabled()
  await user.type(largest, '1')
  await user.click(await plan())
  await waitFor(() =>
    expect(onPlan).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        source: { type: 'cluster', name: 'demo' },
        conflict: 'replace',
        rate: { keysPerSecond: 1000, bytesPerSecond: 5_242_880 },
        select: { maxBytes: 1_048_576 },
      }),
    ),
  )
})

test('a source that is no longer there has to be chosen anew', async () => {
  show({ ...sources, sources: [] }, warmupPlan.spec)
  expect(await plan()).toBeDisabled()
  expect(screen.getByLabelText(/^Copy from/)).toHaveValue('')
})
