import { setBackendSrv, type BackendSrv } from '@grafana/runtime'
import { of, throwError } from 'rxjs'
import { expect, test, vi } from 'vitest'
import { call } from './client'

const fetch = vi.fn()
setBackendSrv({ fetch } as unknown as BackendSrv)

test('a call goes through the proxy and gives the body', async () => {
  fetch.mockReturnValueOnce(of({ data: { clusters: [] } }))
  await expect(call('GET', 'api/v1/clusters')).resolves.toEqual({ clusters: [] })
  expect(fetch).toHaveBeenCalledWith(
    expect.objectContaining({
      method: 'GET',
      url: '/api/plugin-proxy/slotwise-clusters-app/api/v1/clusters',
      showErrorAlert: false,
    }),
  )
})

const failures = [
  [409, { type: 'urn:slotwise:problem:stale', detail: 'it changed' }, 'it changed', 'stale'],
  [502, undefined, 'The exporter does not answer. Is it running, and is its address right?', ''],
  [403, { message: 'plugin proxy route access denied' }, 'Your role in Grafana does not allow this.', ''],
  [500, { message: 'oops' }, 'oops', ''],
] as const

test.each(failures)('status %i with %j reads %s', async (status, data, message, code) => {
  fetch.mockReturnValueOnce(throwError(() => ({ status, data, config: { url: '' } })))
  await expect(call('GET', 'x')).rejects.toMatchObject({ message, code, status })
})
