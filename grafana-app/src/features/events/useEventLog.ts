import { useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { call } from '../../api/client'
import type { EventPage, StoredEvent } from '../../api/contract'
import { eventsKey, eventsPath, PLAN_PROGRESS, useEvents, WITHOUT, type EventsFilter } from '../../api/events'
import { useEventStream } from '../../api/useEventStream'
import { nameOf } from './sentences'

/** Events that come together are read together. */
const GATHER_MS = 300
/** As many events as the first page holds. */
const MOST = 1000

type Pages = InfiniteData<EventPage, string>

/**
 * The pages with newer events, newest first, before the first; what is there already is not doubled. Of a page that is
 * open for days the oldest are let go; they can be read again, by page.
 */
export function withNewer(pages: Pages, newer: readonly StoredEvent[]): Pages {
  const [first, ...rest] = pages.pages
  if (!first) return pages
  const known = new Set(first.events.map(({ id }) => id))
  const fresh = newer.filter(({ id }) => !known.has(id))
  if (fresh.length === 0) return pages
  const events = [...fresh, ...first.events]
  const last = events[MOST - 1]
  if (!last || events.length === MOST) return { ...pages, pages: [{ ...first, events }, ...rest] }
  const cut = { ...first, events: events.slice(0, MOST), next: last.position, more: true }
  return { pages: [cut], pageParams: pages.pageParams.slice(0, 1) }
}

/** The event log from its newest end, older ones by page, newer ones by themselves as they are appended. */
export function useEventLog(filter: EventsFilter) {
  const client = useQueryClient()
  const query = useEvents(filter)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { cluster, stream, type, limit } = filter

  const catchUp = useCallback(async () => {
    timer.current = undefined
    const of = { cluster, stream, type, limit }
    const key = eventsKey(of)
    const newest = client.getQueryData<Pages>(key)?.pages[0]?.events[0]?.position
    if (newest === undefined) return client.invalidateQueries({ queryKey: key })
    // The log decides what belongs to the filter: events of an operation do not name their cluster.
    const page = await call<EventPage>('GET', eventsPath({ ...of, order: 'oldest', after: newest }))
    client.setQueryData<Pages>(key, (pages) => pages && withNewer(pages, page.events.toReversed()))
    if (page.more) await client.invalidateQueries({ queryKey: key })
  }, [client, cluster, stream, type, limit])

  const state = useEventStream((event) => {
    if ([WITHOUT, PLAN_PROGRESS].includes(nameOf(event))) return
    timer.current ??= setTimeout(() => void catchUp().catch(() => undefined), GATHER_MS)
  })
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [catchUp],
  )
  const events = query.data?.pages
    .flatMap((page) => page.events)
    .filter((event) => type !== undefined || nameOf(event) !== PLAN_PROGRESS)
  return { ...query, events, state }
}
