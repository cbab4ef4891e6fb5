import { eventTypes, TYPE_PREFIX } from '../contract/events.js'
import type { DraftAppend, EventRow, Head } from './chain.js'
import { DIGEST_STREAM, type Author } from './draft.js'

export const TRIMMED_TYPE = `${TYPE_PREFIX}log.trimmed`

/** A place in the log: what came before it is gone. The newest `log.trimmed` event of a log says where it begins. */
export interface Cut {
  /** Position of the last event that was removed. */
  readonly through: string
  /** The heads that all streams had there. */
  readonly heads: ReadonlyMap<string, Head>
}

/** What `trim` can tell of an event without reading it whole. */
export type TrimRow = Pick<EventRow, 'position' | 'stream' | 'version' | 'time' | 'hash'>

/** @throws RangeError when this is no time */
export function parseTime(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new RangeError(`'${text}' is not a time (RFC 3339)`)
  return ms
}

/** Finds how far a log can be cut, from its oldest events on. */
export class CutFinder {
  readonly #heads: Map<string, Head>
  #through: string | undefined
  #events = 0

  /**
   * @param beforeMs events of that time (Unix) and later stay, and all behind the first of them
   * @param last the cut before, if the log has one
   */
  constructor(
    private readonly beforeMs: number,
    last: Cut | undefined,
  ) {
    this.#heads = new Map(last?.heads)
  }

  /** Takes the next event, in the order of positions. Says whether it can go; once one stays, ask no more. */
  take({ position, stream, version, time, hash }: TrimRow): boolean {
    // What has no time that can be read stays: somebody changed it, and verify() shall tell.
    if (!(Date.parse(time) < this.beforeMs)) return false
    this.#heads.set(stream, { version, hash })
    this.#through = position
    this.#events++
    return true
  }

  /** Undefined when nothing can go. */
  get found(): (Cut & { readonly events: number }) | undefined {
    if (this.#through === undefined) return undefined
    return { through: this.#through, heads: this.#heads, events: this.#events }
  }
}

/** The event that tells a cut. */
export function draftTrimmed(
  { through, heads, events }: Cut & { readonly events: number },
  { source, now, newId }: Author,
): DraftAppend {
  const payload = { through, events, heads: Object.fromEntries(heads) }
  const event = { id: newId(), source, type: TRIMMED_TYPE, time: now().toISOString(), payload }
  return { stream: DIGEST_STREAM, events: [event] }
}

/** The cut that a `log.trimmed` event tells; undefined when its payload is none. */
export function cutOf(data: string): Cut | undefined {
  try {
    const { through, heads } = eventTypes['log.trimmed'].data.parse(JSON.parse(data))
    return { through, heads: new Map(Object.entries(heads)) }
  } catch {
    return undefined
  }
}
