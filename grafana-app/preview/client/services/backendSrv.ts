import { AppEvents, type EventBusExtended } from '@grafana/data'
import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime'
import { lastValueFrom, Observable } from 'rxjs'

/** Grafana waits this long for a caller to mark an error as handled before it shows a toast. */
const HANDLED_WITHIN_MS = 50

/** Grafana's HTTP client as plugins use it: observables, requests that replace each other by id, toasts. */
export class PreviewBackendSrv implements BackendSrv {
  private readonly running = new Map<string, AbortController>()

  constructor(private readonly appEvents: EventBusExtended) {}

  fetch<T>(request: BackendSrvRequest): Observable<FetchResponse<T>> {
    return new Observable((observer) => {
      const abort = new AbortController()
      request.abortSignal?.addEventListener('abort', () => abort.abort())
      const { requestId } = request
      if (requestId !== undefined) {
        this.running.get(requestId)?.abort()
        this.running.set(requestId, abort)
      }
      void send<T>(request, abort.signal).then(({ response, error }) => {
        if (error) {
          observer.error(error)
          this.complain(request, error)
          return
        }
        this.announce(request, response.data)
        observer.next(response)
        observer.complete()
      })
      return () => abort.abort()
    })
  }

  chunked(request: BackendSrvRequest): Observable<FetchResponse<Uint8Array | undefined>> {
    return new Observable((observer) => {
      const abort = new AbortController()
      const read = async (): Promise<void> => {
        const response = await fetch(...toFetch(request, abort.signal))
        const reader = response.body?.getReader()
        for (;;) {
          const part = await reader?.read()
          if (!part || part.done) break
          observer.next({ ...describe(request, response), data: part.value })
        }
        observer.complete()
      }
      read().catch((error: unknown) => observer.error(error))
      return () => abort.abort()
    })
  }

  datasourceRequest<T>(request: BackendSrvRequest): Promise<FetchResponse<T>> {
    return lastValueFrom(this.fetch<T>(request))
  }

  async request<T>(request: BackendSrvRequest): Promise<T> {
    return (await lastValueFrom(this.fetch<T>(request))).data
  }

  get<T>(url: string, params?: BackendSrvRequest['params'], requestId?: string, options = {}): Promise<T> {
    return this.request<T>({ ...options, method: 'GET', url, params, requestId })
  }

  delete<T>(url: string, data?: unknown, options = {}): Promise<T> {
    return this.request<T>({ ...options, method: 'DELETE', url, data })
  }

  post<T>(url: string, data?: unknown, options = {}): Promise<T> {
    return this.request<T>({ ...options, method: 'POST', url, data })
  }

  patch<T>(url: string, data?: unknown, options = {}): Promise<T> {
    return this.request<T>({ ...options, method: 'PATCH', url, data })
  }

  put<T>(url: string, data?: unknown, options = {}): Promise<T> {
    return this.request<T>({ ...options, method: 'PUT', url, data })
  }

  private announce({ method = 'GET', showSuccessAlert }: BackendSrvRequest, data: unknown): void {
    const message = messageOf(data)
    if (message !== undefined && (showSuccessAlert ?? method !== 'GET'))
      this.appEvents.emit(AppEvents.alertSuccess, [message])
  }

  private complain({ url, showErrorAlert }: BackendSrvRequest, error: FetchError): void {
    if (showErrorAlert === false || error.cancelled || url.startsWith('/api/ds/query')) return
    setTimeout(() => {
      if (error.isHandled) return
      const message = messageOf(error.data) ?? error.statusText ?? 'Request failed'
      const kind = error.status < 500 && error.status > 0 ? AppEvents.alertWarning : AppEvents.alertError
      this.appEvents.emit(kind, [message])
    }, HANDLED_WITHIN_MS)
  }
}

type Outcome<T> =
  { response: FetchResponse<T>; error?: undefined } | { response?: undefined; error: FetchError }

async function send<T>(request: BackendSrvRequest, signal: AbortSignal): Promise<Outcome<T>> {
  let response: Response
  let data: unknown
  try {
    response = await fetch(...toFetch(request, signal))
    data = await parse(response, request.responseType)
  } catch (error) {
    const failed = {
      status: signal.aborted ? -1 : 0,
      statusText: signal.aborted ? 'Request was aborted' : 'Request failed',
      data: { message: error instanceof Error ? error.message : String(error) },
      cancelled: signal.aborted,
      config: request,
    }
    return { error: failed }
  }
  if (response.ok) return { response: { ...describe(request, response), data: data as T } }
  const { status, statusText } = response
  return { error: { status, statusText, data, config: request } }
}

type Parameter = string | number | boolean | null | undefined

function toFetch(request: BackendSrvRequest, signal: AbortSignal): [string, RequestInit] {
  const { headers, method = 'GET', params } = request
  const data: unknown = request.data
  const url = new URL(request.url, location.origin)
  for (const [name, value] of Object.entries((params ?? {}) as Record<string, Parameter | Parameter[]>))
    for (const one of [value].flat())
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one))
  const body = data === undefined || typeof data === 'string' ? data : JSON.stringify(data)
  return [
    url.href,
    {
      method,
      signal,
      headers: {
        accept: 'application/json, text/plain, */*',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(headers as Record<string, string> | undefined),
      },
      ...(body !== undefined && { body }),
    },
  ]
}

async function parse(response: Response, type: BackendSrvRequest['responseType']): Promise<unknown> {
  if (type === 'blob') return response.blob()
  if (type === 'arraybuffer') return response.arrayBuffer()
  const text = await response.text()
  if (type === 'text') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text === '' ? {} : text
  }
}

function describe(request: BackendSrvRequest, response: Response): Omit<FetchResponse<unknown>, 'data'> {
  const { status, statusText, ok, headers, redirected, type, url } = response
  return { status, statusText, ok, headers, redirected, type, url, config: request }
}

function messageOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { message } = data as { message?: unknown }
  return typeof message === 'string' && message !== '' ? message : undefined
}
