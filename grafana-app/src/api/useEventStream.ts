import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { call } from './client'
import type { EventPage, StoredEvent } from './contract'
import { EventStream, type StreamState } from './eventStream'
import { queryString } from './hooks'
import { keys } from './keys'

/** Changes that come together are read together. */
const GATHER_MS = 250

/** Every bundle of the plugin (the app, each panel) has its own modules; the stream is one for the whole tab. */
const SHARED = Symbol.for('slotwise-clusters-app:events')

function sharedStream(): EventStream {
  const holder = globalThis as { [SHARED]?: EventStream }
  return (holder[SHARED] ??= new EventStream({
    open: (url) => new EventSource(url),
    poll: async (after) => {
      const which = after === undefined ? { order: 'newest', limit: 1 } : { after, limit: 500 }
      const page = await call<EventPage>('GET', `api/v1/events${queryString(which)}`)
      const last = page.events.at(-1)
      return after === undefined ? { events: [], next: last?.position ?? '' } : page
    },
  }))
}

/** What has to be read anew after an event. */
export function touched({ subject, type }: Pick<StoredEvent, 'subject' | 'type'>): QueryKey[] {
  const [family = '', name = ''] = subject.split(/\/(.*)/s)
  switch (family) {
    case 'cluster':
      return [keys.clusters]
    case 'operation': {
      if (type.startsWith('io.slotwise.plan.')) return [keys.plan(name)]
      const operation = [keys.operation(name), keys.operations]
      return type === 'io.slotwise.operation.progressed'
        ? operation
        : [...operation, keys.plan(name), keys.clusters]
    }
    case 'alerts':
      return [keys.alerts]
    case 'admission':
      return [keys.operations, keys.clusters]
    case 'control':
      return [keys.freeze, keys.operations]
    default:
      return []
  }
}

/** Reads anew what events touch, at most every GATHER_MS. */
function invalidator(client: QueryClient) {
  let gathered = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    for (const queryKey of gathered.values()) void client.invalidateQueries({ queryKey })
    gathered = new Map()
  }
  return {
    add(event: StoredEvent) {
      for (const key of touched(event)) gathered.set(JSON.stringify(key), key)
      timer ??= setTimeout(flush, GATHER_MS)
    },
    stop: () => clearTimeout(timer),
  }
}

/**
 * While the component is shown, what events touch is read anew. Once for the app, and once a panel: every root has a
 * cache of its own. One connection a tab serves all.
 */
export function useLiveQueries(): StreamState {
  const client = useQueryClient()
  useEffect(() => {
    const changes = invalidator(client)
    const stop = sharedStream().listen({
      onEvent: (event) => changes.add(event),
      onGap: () => void client.invalidateQueries(),
    })
    return () => {
      stop()
      changes.stop()
    }
  }, [client])
  return useStreamState()
}

/** Gives each event to `onEvent`, in order, once, while the component is shown. */
export function useEventStream(onEvent: (event: StoredEvent) => void): StreamState {
  const latest = useRef(onEvent)
  useEffect(() => {
    latest.current = onEvent
  })
  useEffect(() => sharedStream().listen({ onEvent: (event) => latest.current(event) }), [])
  return useStreamState()
}

const onState = (changed: () => void) => sharedStream().listen({ onState: changed })

/** Whether events are pushed or polled for. */
export function useStreamState(): StreamState {
  return useSyncExternalStore(onState, () => sharedStream().state)
}
