import type { CurrentUser } from '@grafana/data'
import { setCurrentUser } from '@grafana/runtime'
import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../api/queryClient'
import { everythingAllowed, exporterDown, fakeBackend, problem, whoami } from '../../test/backend'
import { noPrometheus, renderInApp } from '../../test/render'
import { Configuration } from './Configuration'

const reload = vi.fn()
const SETTINGS = '/api/plugins/slotwise-clusters-app/settings'

/** Grafana takes a user once, so that this one is changed. */
const user = { permissions: {} as Record<string, boolean> }
setCurrentUser(user as unknown as CurrentUser)
const mayConfigure = (may: boolean) => (user.permissions = may ? { 'plugins:write': true } : {})

const show = () =>
  renderInApp(
    <Configuration
      reload={reload}
      query={{}}
      plugin={
        {
          meta: {
            enabled: true,
            pinned: true,
            jsonData: { apiUrl: 'http://exporter:8121' },
            secureJsonFields: { readToken: true },
          },
        } as never
      }
    />,
  )

beforeEach(() => {
  noPrometheus()
  queryClient.clear()
  sessionStorage.clear()
  reload.mockReset()
  mayConfigure(true)
})

test('what is saved is shown, but no token', async () => {
  fakeBackend({ ...everythingAllowed })
  show()
  expect(await screen.findByRole('textbox', { name: /Address of the control API/ })).toHaveValue(
    'http://exporter:8121',
  )
  expect(screen.getByLabelText(/Read token/)).toBeDisabled()
  expect(screen.getByLabelText(/Plan token/)).toBeEnabled()
  expect(screen.getByRole('button', { name: 'Save and test' })).toBeDisabled()
})

test('saving sends only the token that was typed, loads the page anew, and then tests', async () => {
  const backend = fakeBackend({ ...everythingAllowed, [`POST ${SETTINGS}`]: {} })
  const { unmount } = show()
  await userEvent.type(screen.getByLabelText(/Plan token/), 'sw_plan')
  expect(screen.getByText(/Save first/)).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Save and test' }))
  await waitFor(() => expect(reload).toHaveBeenCalledOnce())
  const saved = backend.calls.find(({ url }) => url === SETTINGS)
  expect(saved?.data).toMatchObject({ enabled: true, secureJsonData: { planToken: 'sw_plan' } })
  unmount()
  show()
  expect(await screen.findByText('Read token', { selector: 'dt' })).toBeVisible()
})

test('an address that cannot work is refused, with the reason', async () => {
  fakeBackend({})
  show()
  const address = screen.getByRole('textbox', { name: /Address of the control API/ })
  await userEvent.clear(address)
  await userEvent.type(address, 'http://exporter:8121/api/v1')
  expect(screen.getByText('Leave out /api/v1; the plugin adds it.')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Save and test' })).toBeDisabled()
})

test('the test asks with each token and says what each may do', async () => {
  fakeBackend({
    ...everythingAllowed,
    'GET api/v1/openapi.json': { info: { version: '1.2.3' } },
    'GET api/v1/clusters': { clusters: [{ name: 'demo' }] },
    'GET whoami/read': { ...whoami, id: 'reader', scopes: ['read'] },
    'GET whoami/plan': problem(401, 'unauthenticated', 'a valid token is needed'),
  })
  show()
  await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
  const result = within(screen.getByRole('status', { name: 'Result of the test' }))
  expect(await result.findByText('OK: answers; version 1.2.3')).toBeVisible()
  expect(result.getByText('OK: “reader” may read; on all clusters; does not expire.')).toBeVisible()
  expect(result.getByText(/Failed: refused: no token is set, or it is unknown or has expired/)).toBeVisible()
  expect(result.getByText('OK: demo')).toBeVisible()
  expect(result.getByText(/there is no Prometheus data source/)).toBeVisible()
})

test('an exporter that is down fails the test', async () => {
  fakeBackend({ 'GET api/v1/openapi.json': exporterDown })
  show()
  await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
  expect(await screen.findByText(/Failed: The exporter does not answer/)).toBeVisible()
})

test('without the permission nothing can be changed', () => {
  mayConfigure(false)
  fakeBackend({})
  show()
  expect(screen.getByText('Only an administrator may configure the plugin')).toBeVisible()
  expect(screen.queryByRole('textbox')).not.toBeInTheDocument()
})

test('how to make tokens, and the same as a file', () => {
  fakeBackend({})
  show()
  expect(screen.getByRole('region', { name: 'Command for the run token' })).toHaveTextContent(
    'slotwise token new --file tokens.yml --id grafana-run --scopes read,run,warmup,policy,evict --delegated',
  )
  expect(screen.getByRole('region', { name: 'Provisioning file' })).toHaveTextContent(
    'apiUrl: "http://exporter:8121"',
  )
})
