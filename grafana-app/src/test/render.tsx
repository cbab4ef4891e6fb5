import {
  locationService,
  LocationServiceProvider,
  setDataSourceSrv,
  type DataSourceSrv,
} from '@grafana/runtime'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { MemoryRouter } from 'react-router-dom'
import { queryClient } from '../api/queryClient'
import { FakeEventSource } from './eventSource'

// jsdom has none.
if (!('EventSource' in globalThis)) Object.assign(globalThis, { EventSource: FakeEventSource })

/** Says which behaviour is meant, so that the router does not warn. */
const FUTURE = { v7_startTransition: false, v7_relativeSplatPath: false }

/** Shows something as the app does: routes, a fresh cache, the page that PluginPage puts around. */
export function renderInApp(children: ReactNode, { path = '/a/slotwise-clusters-app/clusters' } = {}) {
  const client = new QueryClient({ defaultOptions: { ...queryClient.getDefaultOptions() } })
  locationService.push(path)
  return render(
    <LocationServiceProvider service={locationService}>
      <QueryClientProvider client={client}>
        <MemoryRouter initialEntries={[path]} future={FUTURE}>
          {children}
        </MemoryRouter>
      </QueryClientProvider>
    </LocationServiceProvider>,
  )
}

/** A Grafana without data sources: figures of Prometheus are missing, pages stand without them. */
export function noPrometheus(): void {
  setDataSourceSrv({ getList: () => [], getInstanceSettings: () => undefined } as unknown as DataSourceSrv)
}
