import { eventTypes, TYPE_PREFIX } from '../../contract/events.js'
import type { Fold } from '../../events/fold.js'

/** How a check came out, and since when. */
export interface Verdict {
  readonly ok: boolean
  readonly since: string
}

/** What was told of every cluster: its checks by name. */
export const verdictFold: Fold<Readonly<Record<string, Readonly<Record<string, Verdict>>>>> = {
  name: 'health',
  format: 1,
  stream: 'cluster/',
  initial: {},
  apply(state, event) {
    if (event.type !== `${TYPE_PREFIX}health.changed`) return state
    const { check, ok } = eventTypes['health.changed'].data.parse(event.data)
    const cluster = event.subject.slice('cluster/'.length)
    const before = Object.hasOwn(state, cluster) ? state[cluster] : {}
    return { ...state, [cluster]: { ...before, [check]: { ok, since: event.time } } }
  },
}
