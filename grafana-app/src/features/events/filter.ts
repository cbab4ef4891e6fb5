import type { StoredEvent } from '../../api/contract'
import { LANES, laneOf, nameActor, say, whoOf, type Lane } from './sentences'

export const ALL_LANES = Object.keys(LANES) as readonly Lane[]
/** What is shown unless chosen otherwise. */
export const USUAL_LANES: readonly Lane[] = ALL_LANES.filter((lane) => lane !== 'log')

/** `topology,health` as the URL has it; what is no lane is left out. */
export function parseLanes(text: string): readonly Lane[] {
  return text === '' ? USUAL_LANES : ALL_LANES.filter((lane) => text.split(',').includes(lane))
}

/** The other way round; empty for the usual ones. */
export function writeLanes(lanes: readonly Lane[]): string {
  const chosen = ALL_LANES.filter((lane) => lanes.includes(lane))
  return chosen.join() === USUAL_LANES.join() ? '' : chosen.length === 0 ? 'none' : chosen.join()
}

/** How far back, by its name in the URL. */
export const SINCE = {
  '1h': { text: 'Last hour', ms: 3_600_000 },
  '24h': { text: 'Last 24 hours', ms: 86_400_000 },
  '7d': { text: 'Last 7 days', ms: 7 * 86_400_000 },
} as const
export type Since = keyof typeof SINCE

export function isSince(text: string): text is Since {
  return Object.hasOwn(SINCE, text)
}

export interface Chosen {
  readonly lanes: readonly Lane[]
  /** Part of the sentence, of who did it, of the stream or of the type. */
  readonly text: string
  /** In ms since the epoch. */
  readonly notBefore?: number | undefined
}

export function choose(events: readonly StoredEvent[], { lanes, text, notBefore }: Chosen): StoredEvent[] {
  const wanted = text.trim().toLowerCase()
  return events.filter((event) => {
    if (!lanes.includes(laneOf(event))) return false
    if (notBefore !== undefined && Date.parse(event.time) < notBefore) return false
    if (wanted === '') return true
    const who = whoOf(event)
    const words = [say(event).text, event.subject, event.type, who ? nameActor(who) : '']
    return words.join(' ').toLowerCase().includes(wanted)
  })
}
