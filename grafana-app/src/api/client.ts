import { getBackendSrv, isFetchError } from '@grafana/runtime'
import { lastValueFrom } from 'rxjs'
import { PLUGIN_ID } from '../app/settings'
import { ApiError } from './errors'

/** Where the plugin's routes begin; every call goes through Grafana's proxy, which adds the token. */
export const PROXY = `/api/plugin-proxy/${PLUGIN_ID}`

/** What the types of the control API's problems begin with; Grafana and its proxy answer otherwise. */
const PROBLEM = 'urn:slotwise:problem:'

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT'

/**
 * One call of the control API through the plugin proxy.
 * @param path below the proxy, e.g. `api/v1/clusters`; parts that are names must be encoded by the caller
 * @throws ApiError
 */
export async function call<T>(
  method: Method,
  path: string,
  { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<T> {
  try {
    const response = await lastValueFrom(
      getBackendSrv().fetch<T>({
        method,
        url: `${PROXY}/${path}`,
        ...(body !== undefined && { data: body }),
        ...(headers && { headers }),
        showErrorAlert: false,
        showSuccessAlert: false,
      }),
    )
    return response.data
  } catch (error) {
    throw explain(error)
  }
}

function explain(error: unknown): ApiError {
  if (!isFetchError<Record<string, unknown> | undefined>(error))
    return new ApiError(error instanceof Error ? error.message : 'no answer', 0, '')
  const { status, data } = error
  const { type, title, detail, message, ...members } = data ?? {}
  const code = typeof type === 'string' && type.startsWith(PROBLEM) ? type.slice(PROBLEM.length) : ''
  const said = [detail, title, message].find(
    (text): text is string => typeof text === 'string' && text !== '',
  )
  if (code !== '') return new ApiError(said ?? code, status, code, members)
  if (status === 502 || status === 504)
    return new ApiError('The exporter does not answer. Is it running, and is its address right?', status, '')
  if (status === 403) return new ApiError('Your role in Grafana does not allow this.', status, '')
  return new ApiError(said ?? `Grafana answered ${status}.`, status, '')
}
