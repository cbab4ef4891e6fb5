import { LocationServiceProvider, locationService } from '@grafana/runtime'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { MemoryRouter, Route, Routes } from 'react-router-dom'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { queryClient } from '../api/queryClient'
import { everythingAllowed, fakeBackend } from '../test/backend'
import { FakeEventSource } from '../test/eventSource'
import { noPrometheus } from '../test/render'
import { App } from './App'
import { ErrorBoundary } from './ErrorBoundary'

const cluster = {
  name: 'demo',
  state: 'ok',
  verdict: 'healthy',
  shards: 1,
  primaries: 1,
  replicas: 0,
  slotsCovered: 16384,
  epoch: 1,
  memory: { usedBytes: 1, maxBytes: 0 },
  operations: [],
}
const answers = {
  ...everythingAllowed,
  'GET api/v1/clusters': { clusters: [cluster] },
  'GET api/v1/operations': { operations: [] },
  'GET api/v1/events': { events: [], next: '', more: false },
}

function open(path: string) {
  const props = { meta: { jsonData: {} } } as never
  return render(
    <LocationServiceProvider service={locationService}>
      <MemoryRouter
        future={{ v7_startTransition: false, v7_relativeSplatPath: false }}
        initialEntries={[`/a/slotwise-clusters-app/${path}`]}
      >
        <Routes>
          <Route
            path="/a/slotwise-clusters-app/*"
            element={<App {...(props as object as React.ComponentProps<typeof App>)} />}
          />
        </Routes>
      </MemoryRouter>
    </LocationServiceProvider>,
  )
}

beforeEach(() => {
  noPrometheus()
  queryClient.clear()
  FakeEventSource.count = 0
  // Each test begins as a tab does; other files of this context have followed events, too.
  Reflect.deleteProperty(globalThis, Symbol.for('slotwise-clusters-app:events'))
})

describe('the routes', () => {
  test.each([
    ['', () => screen.findByRole('article', { name: 'demo' })],
    ['clusters', () => screen.findByRole('article', { name: 'demo' })],
    ['operations', () => screen.findByText('Nothing was run so far')],
    ['events', () => screen.findByText('Nothing has happened yet')],
    ['clusters/demo/events', () => screen.findByText('Nothing has happened yet')],
    ['no/such/page', () => screen.findByText('There is no such page')],
  ])('"%s" shows its page', async (path, shown) => {
    fakeBackend(answers)
    open(path)
    expect(await shown()).toBeInTheDocument()
  })

  test.each(['clusters', 'operations', 'events', 'clusters/demo/events', 'no/such/page'])(
    '"%s" says that operations are frozen',
    async (path) => {
      fakeBackend({ ...answers, 'GET api/v1/freeze': { on: true, reason: 'incident 4' } })
      open(path)
      expect(await screen.findByText('Operations are frozen')).toBeVisible()
    },
  )

  test('one stream of events serves the tab', async () => {
    fakeBackend(answers)
    open('clusters/demo/events')
    await screen.findByText('Nothing has happened yet')
    expect(FakeEventSource.count).toBe(1)
  })
})

test('an event makes be read anew what it touches', async () => {
  const backend = fakeBackend(answers)
  open('operations')
  await screen.findByText('Nothing was run so far')
  const reads = () => backend.calls.filter(({ url }) => url.includes('api/v1/operations')).length
  FakeEventSource.last!.open()
  await vi.waitFor(() => expect(reads()).toBe(2))
  FakeEventSource.last!.send({
    subject: 'operation/7',
    type: 'io.slotwise.operation.ended',
    data: {},
    position: '1',
  })
  await vi.waitFor(() => expect(reads()).toBe(3))
})

describe('a page that breaks', () => {
  const Breaks = ({ error }: { error: Error }): never => {
    throw error
  }
  const chunk = Object.assign(new Error('Loading chunk 7 failed'), { name: 'ChunkLoadError' })
  const reload = vi.fn()
  const show = (error: Error) =>
    render(
      <ErrorBoundary reload={reload}>
        <Breaks error={error} />
      </ErrorBoundary>,
    )
  beforeEach(() => {
    sessionStorage.clear()
    reload.mockReset()
    vi.spyOn(console, 'error').mockReturnValue(undefined)
  })
  afterEach(() => vi.restoreAllMocks())

  test('says so, and can be loaded again', async () => {
    show(new Error('no such thing'))
    expect(screen.getByText('no such thing')).toBeVisible()
    expect(reload).not.toHaveBeenCalled()
    await userEvent.click(screen.getByRole('button', { name: 'Load it again' }))
    expect(reload).toHaveBeenCalledOnce()
  })

  test('is loaded again by itself when a chunk is gone, but only once', () => {
    show(chunk).unmount()
    expect(reload).toHaveBeenCalledOnce()
    show(chunk)
    expect(reload).toHaveBeenCalledOnce()
    expect(screen.getByText('Loading chunk 7 failed')).toBeVisible()
  })
})
