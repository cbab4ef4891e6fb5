import { QueryClientProvider, QueryClient } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import { exporterDown, fakeBackend, problem } from '../test/backend'
import { useChangeRate, usePause, useRunPlan } from './actions'

const run = { confirm: 'demo', hash: 'h', reason: 'CHG-1' }
const PATH = 'api/v1/plans/p1/run'

function hook<T>(use: () => T) {
  const client = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  return renderHook(use, { wrapper }).result
}
const keysOf = ({ calls }: ReturnType<typeof fakeBackend>) =>
  calls.map(({ headers }) => (headers as Record<string, string> | undefined)?.['Idempotency-Key'])

test('a run that is repeated because its answer got lost is the same attempt', async () => {
  const backend = fakeBackend({ [`POST ${PATH}`]: exporterDown })
  const result = hook(() => useRunPlan('p1'))
  await act(() => expect(result.current.mutateAsync(run)).rejects.toMatchObject({ status: 502 }))
  backend.answers[`POST ${PATH}`] = { id: 'p1', state: 'running' }
  await act(() => expect(result.current.mutateAsync(run)).resolves.toMatchObject({ state: 'running' }))
  const [first, second] = keysOf(backend)
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(second).toBe(first)
  expect(backend.sent('POST', PATH)).toEqual([run, run])
})

test('a run after a refusal is another attempt', async () => {
  const backend = fakeBackend({ [`POST ${PATH}`]: problem(409, 'frozen', 'operations are frozen') })
  const result = hook(() => useRunPlan('p1'))
  for (let i = 0; i < 2; i++)
    await act(() => expect(result.current.mutateAsync(run)).rejects.toMatchObject({ code: 'frozen' }))
  const [first, second] = keysOf(backend)
  expect(second).not.toBe(first)
})

test('commands and the rate are sent as the API wants them', async () => {
  const backend = fakeBackend({
    'POST api/v1/operations/o%2F1/pause': { id: 'o/1', state: 'paused' },
    'PATCH api/v1/operations/o%2F1': { id: 'o/1', state: 'running' },
  })
  const pause = hook(() => usePause('o/1'))
  await act(() => pause.current.mutateAsync({ reason: 'look' }))
  const rate = hook(() => useChangeRate('o/1'))
  await act(() => rate.current.mutateAsync({ keysPerSecond: 500 }))
  expect(backend.sent('POST', 'api/v1/operations/o%2F1/pause')).toEqual([{ reason: 'look' }])
  expect(backend.sent('PATCH', 'api/v1/operations/o%2F1')).toEqual([{ rate: { keysPerSecond: 500 } }])
})
