import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client'
import type { EventPage, StoredEvent } from '../../api/contract'
import { queryString } from '../../api/hooks'
import { keys } from '../../api/keys'
import { OWNERSHIP } from './history'

/** As many of each type as one look reads. */
const MOST = 1000

export interface Told {
  /** Oldest first. */
  readonly events: readonly StoredEvent[]
}

/** What the log tells of who owned which slots; nothing is read before somebody wants to know. */
export function useHistory(cluster: string, wanted: boolean) {
  return useQuery({
    queryKey: [...keys.events, 'ownership', cluster],
    queryFn: async (): Promise<Told> => {
      const pages = await Promise.all(
        OWNERSHIP.map((type) => {
          const which = { order: 'newest', stream: `cluster/${cluster}`, type, limit: MOST }
          return call<EventPage>('GET', `api/v1/events${queryString(which)}`)
        }),
      )
      // Of a type that has more, older ones were not read: before its oldest nothing whole is known.
      const from = Math.max(
        0,
        ...pages.map(({ events, more }) => (more ? (events.at(-1)?.streamversion ?? 0) : 0)),
      )
      const events = pages
        .flatMap((page) => page.events)
        .filter(({ streamversion }) => streamversion >= from)
        .toSorted((a, b) => a.streamversion - b.streamversion)
      return { events }
    },
    enabled: wanted,
  })
}
