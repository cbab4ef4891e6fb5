import type { EventData, StoredEvent } from '../contract/events.js'
import { toRow, type EventRow } from './chain.js'
import { LogUnavailable, type EventLog, type Snapshot, type VerifyReport } from './log.js'
import { parsePosition } from './positions.js'
import { cutOf, TRIMMED_TYPE } from './trim.js'
import { Verifier } from './verifier.js'

/**
 * A backup of a log: JSON documents, a line each. First the head, then snapshots, then every event as the API shows it,
 * in the order of positions, and an end, without which it is not whole. Both stores number their positions alike, so
 * that each can take the backup of the other.
 *
 * Snapshots are there only when the log was trimmed: otherwise the events tell everything. Leases are not: whoever
 * restores a backup makes sure that tokens begin behind all that were ever given, also after the backup.
 */
export interface BackupHead {
  readonly slotwise: 'backup'
  readonly format: typeof FORMAT
  readonly time: string
  /** About how many events follow. */
  readonly events: number
  /** Where the log begins, when it was trimmed. */
  readonly cut?: EventData<'log.trimmed'>
}

export interface FoldSnapshot extends Snapshot {
  readonly fold: string
  readonly format: number
}

export type BackupLine =
  | { readonly head: BackupHead }
  | { readonly snapshot: FoldSnapshot }
  | { readonly row: EventRow }
  | { readonly end: { readonly events: number } }

const FORMAT = 1
const PAGE = 1000

/**
 * The log as it is now, some lines at a time. What is appended meanwhile is not in it.
 * @param folds the folds whose snapshots a start needs
 * @throws LogUnavailable
 */
export async function* backup(
  log: EventLog,
  folds: readonly { readonly name: string; readonly format: number }[],
  now: () => Date,
): AsyncGenerator<string, void, undefined> {
  // For an anchor behind everything; a log that takes nothing more is worth a backup all the same.
  await log.digest().catch((error: unknown) => {
    if (!(error instanceof LogUnavailable)) throw error
  })
  const snapshots: FoldSnapshot[] = []
  for (const { name: fold, format } of folds) {
    const snapshot = await log.loadSnapshot(fold, format)
    if (snapshot) snapshots.push({ fold, format, ...snapshot })
  }
  const [trimmed] = (await log.read({ type: TRIMMED_TYPE, order: 'newest', limit: 1 })).events
  const last = await log.head()
  const head: BackupHead = {
    slotwise: 'backup',
    format: FORMAT,
    time: now().toISOString(),
    events: (await log.stats()).events,
    ...(trimmed && { cut: trimmed.data as EventData<'log.trimmed'> }),
  }
  yield lines([head, ...(trimmed ? snapshots.map((snapshot) => ({ snapshot })) : [])])
  let count = 0
  for (let after = '', more = true; more;) {
    const page = await log.read({ after, limit: PAGE })
    const end = page.events.findIndex(({ position }) => position === last)
    const events = end < 0 ? page.events : page.events.slice(0, end + 1)
    count += events.length
    if (events.length > 0) yield lines(events)
    after = page.next
    more = end < 0 && page.events.length === PAGE
  }
  yield lines([{ end: { events: count } }])
}

function lines(documents: readonly unknown[]): string {
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('')
}

/** What is given is no backup, or one of a newer Slotwise. */
export class NoBackup extends Error {
  override readonly name = 'NoBackup'
}

/** Reads a backup line by line and checks every chain in it. */
export class BackupReader {
  #verifier: Verifier | undefined
  #head: BackupHead | undefined
  #events = 0
  #end: { readonly events: number } | undefined
  readonly #problems: string[] = []

  /** @param anchor hash of a digest that the backup must contain */
  constructor(private readonly anchor?: string) {}

  get head(): BackupHead | undefined {
    return this.#head
  }

  /** How many events were read. */
  get events(): number {
    return this.#events
  }

  /** Whether its end was read. */
  get isWhole(): boolean {
    return this.#end !== undefined
  }

  /** @throws NoBackup */
  take(line: string): BackupLine {
    const document = parse(line)
    if (!this.#head) return this.#begin(document)
    if (this.#end) throw new NoBackup('something stands behind its end')
    if ('snapshot' in document) return this.#snapshot(document.snapshot as FoldSnapshot)
    if ('end' in document) {
      this.#end = document.end as { events: number }
      return { end: this.#end }
    }
    const row = rowOf(document, this.#events + 1)
    this.#verifier!.add(row)
    this.#events++
    return { row }
  }

  report(): VerifyReport {
    const problems = [...this.#problems]
    if (!this.#end) problems.push(`it breaks off after ${this.#events} events: its end is missing`)
    else if (this.#end.events !== this.#events)
      problems.push(`it should have ${this.#end.events} events and has ${this.#events}: lines are missing`)
    const report = this.#verifier?.report() ?? { ok: true, events: 0, streams: 0, problems: [], anchor: '' }
    const all = [...problems, ...report.problems]
    return { ...report, ok: all.length === 0, problems: all }
  }

  #begin(document: Readonly<Record<string, unknown>>): BackupLine {
    if (document.slotwise !== 'backup') throw new NoBackup('it does not begin as a backup of Slotwise does')
    if (document.format !== FORMAT)
      throw new NoBackup(`it is of a newer Slotwise (format ${String(document.format)}); use that one`)
    const head = document as unknown as BackupHead
    const cut = head.cut && cutOf(JSON.stringify(head.cut))
    this.#head = head
    this.#verifier = new Verifier(this.anchor, cut)
    return { head }
  }

  /** A snapshot has everything that was removed, or what it lacks is lost. */
  #snapshot(snapshot: FoldSnapshot): BackupLine {
    const { fold, position } = snapshot
    if (parsePosition(position) < parsePosition(this.#head?.cut?.through ?? ''))
      this.#problems.push(`the snapshot of ${fold} does not cover what was trimmed`)
    return { snapshot }
  }
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(line)
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new NoBackup(`a line is no JSON document: ${line.slice(0, 40)}`)
}

/** What does not fit its hash is found by the verifier; here only what is no event at all. */
function rowOf(document: Readonly<Record<string, unknown>>, n: number): EventRow {
  const event = document as unknown as StoredEvent
  const texts = [
    event.id,
    event.source,
    event.type,
    event.subject,
    event.time,
    event.previoushash,
    event.hash,
  ]
  if (texts.some((text) => typeof text !== 'string') || !/^\d{1,15}$/.test(event.position))
    throw new NoBackup(`its event ${n} is none`)
  return toRow(event)
}
