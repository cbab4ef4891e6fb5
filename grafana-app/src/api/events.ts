import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from './client'
import type { EventPage } from './contract'
import { queryString } from './hooks'
import { keys } from './keys'

export interface EventsFilter {
  readonly cluster?: string | undefined
  /** A stream, or all of a family: `operation/`. */
  readonly stream?: string | undefined
  /** With or without `io.slotwise.`. */
  readonly type?: string | undefined
  /** A page has at most this many. */
  readonly limit?: number | undefined
}

/** Checkpoints of operations: several a second say nothing to a reader; the operation's page shows them. */
export const WITHOUT = 'operation.progressed'
/** The same of plans, every few seconds of those that take long. */
export const PLAN_PROGRESS = 'plan.progressed'

export const eventsKey = ({ cluster, stream, type, limit }: EventsFilter) =>
  [...keys.events, { cluster, stream, type, limit }] as const

export function eventsPath({
  cluster,
  stream,
  type,
  limit = 100,
  ...place
}: EventsFilter & { readonly order: 'oldest' | 'newest'; readonly after: string }): string {
  return `api/v1/events${queryString({ ...place, cluster, stream, type, without: WITHOUT, limit })}`
}

/** GET /events, newest first, without mere progress; `fetchNextPage` reads older ones. */
export function useEvents(filter: EventsFilter = {}) {
  return useInfiniteQuery({
    queryKey: eventsKey(filter),
    queryFn: ({ pageParam }) =>
      call<EventPage>('GET', eventsPath({ ...filter, order: 'newest', after: pageParam })),
    initialPageParam: '',
    getNextPageParam: ({ more, next }) => (more ? next : undefined),
  })
}
