import { PositionTrimmed, type EventLog, type Fact } from './log.js'

/** State that the events of some streams tell. */
export interface Fold<S> {
  readonly name: string
  /** Raised when the state changes its shape; snapshots of another are made anew. */
  readonly format: number
  /** Stream or family that it reads. */
  readonly stream: string
  /** State that no event has changed. JSON, as every state. */
  readonly initial: S
  /** The state after one event more; pure. */
  apply(state: S, event: Fact): S
}

const PAGE = 5000

/**
 * Reads a fold: its newest snapshot, and the events since.
 * @param stream to read no more than this one of its streams: the state is right about that one alone
 * @throws LogUnavailable
 */
export async function readFold<S>(
  log: EventLog,
  fold: Fold<S>,
  stream = fold.stream,
): Promise<{ readonly position: string; readonly state: S }> {
  for (;;) {
    try {
      return await readOnce(log, fold, stream)
    } catch (error) {
      // A newer snapshot is there, or nothing would have been trimmed.
      if (!(error instanceof PositionTrimmed)) throw error
    }
  }
}

async function readOnce<S>(log: EventLog, fold: Fold<S>, stream: string) {
  const snapshot = await log.loadSnapshot(fold.name, fold.format)
  let state = snapshot ? (snapshot.state as S) : fold.initial
  let position = snapshot?.position ?? ''
  for (let more = true; more;) {
    const page = await log.readFacts({ stream, after: position, limit: PAGE })
    state = page.events.reduce((before, event) => fold.apply(before, event), state)
    position = page.next
    more = page.events.length === PAGE
  }
  return { position, state }
}

/** Keeps what the fold is now, so that a later start need not read it again. @throws LogUnavailable */
export async function saveFold<S>(log: EventLog, fold: Fold<S>): Promise<void> {
  await log.saveSnapshot(fold.name, fold.format, await readFold(log, fold))
}
