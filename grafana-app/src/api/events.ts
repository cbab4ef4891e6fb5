import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from './client'
import type { EventPage } from './contract'
import { queryString } from './hooks'
import { keys } from './keys'

export interface EventsFilter {
  readonly cluster?: string
  /** A stream, or all of a family: `operation/`. */
  readonly stream?: string
  /** With or without `io.slotwise.`. */
  readonly type?: string
  /** A page has at most this many. */
  readonly limit?: number
}

/** Checkpoints of operations: several a second say nothing to a reader; the operation's page shows them. */
const WITHOUT = 'operation.progressed'

/** GET /events, newest first, without mere progress; `fetchNextPage` reads older ones. */
export function useEvents({ cluster, stream, type, limit = 100 }: EventsFilter = {}) {
  return useInfiniteQuery({
    queryKey: [...keys.events, { cluster, stream, type, limit }],
    queryFn: ({ pageParam }) =>
      call<EventPage>(
        'GET',
        `api/v1/events${queryString({ order: 'newest', after: pageParam, cluster, stream, type, without: WITHOUT, limit })}`,
      ),
    initialPageParam: '',
    getNextPageParam: ({ more, next }) => (more ? next : undefined),
  })
}
