import { z } from 'zod'
import type { EventData, StoredEvent } from '../contract/events.js'
import { toRow, type EventRow } from './chain.js'
import { DIGEST_TYPE } from './draft.js'
import { LogUnavailable, type EventLog, type Snapshot, type VerifyReport } from './log.js'
import { parsePosition } from './positions.js'
import { SnapshotCheck } from './snapshot-check.js'
import { hashOfLine, isTold, snapshotLine, type SnapshotProof } from './snapshots.js'
import { cutOf, TRIMMED_TYPE, type Cut } from './trim.js'
import { Verifier } from './verifier.js'

/**
 * A backup of a log: JSON documents, a line each. First the head, then snapshots, then every event as the API shows it,
 * in the order of positions, and an end, without which it is not whole. Both stores number their positions alike, so
 * that each can take the backup of the other.
 *
 * Snapshots are there only when the log was trimmed: otherwise the events tell everything. The newest digest tells the
 * hashes of their lines. Leases are not: whoever
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
/** How often snapshots are read anew because they were replaced. */
const TRIES = 5

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
  const snapshots = await provedSnapshots(log, folds)
  const trimmed = await newest(log, TRIMMED_TYPE)
  const last = await log.head()
  const head: BackupHead = {
    slotwise: 'backup',
    format: FORMAT,
    time: now().toISOString(),
    events: (await log.stats()).events,
    ...(trimmed && { cut: trimmed.data as EventData<'log.trimmed'> }),
  }
  yield lines([head])
  for (const { state, ...place } of trimmed ? snapshots : [])
    yield `${snapshotLine(place, JSON.stringify(state))}\n`
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

/**
 * The snapshots, with a digest behind everything that tells them: it is made anew where one was replaced meanwhile. A log
 * that takes nothing more is worth a backup all the same.
 */
async function provedSnapshots(
  log: EventLog,
  folds: readonly { readonly name: string; readonly format: number }[],
): Promise<FoldSnapshot[]> {
  for (let tries = 1; ; tries++) {
    const isNew = await log.digest(true).then(
      () => true,
      (error: unknown) => {
        if (error instanceof LogUnavailable) return false
        throw error
      },
    )
    const digest = await newest(log, DIGEST_TYPE)
    const { snapshots: told = {} } = (digest?.data ?? {}) as Partial<EventData<'log.digest'>>
    // A fold may have another format by now, and nothing of that yet.
    const formats = new Map(folds.map(({ name, format }) => [name, format]))
    for (const [fold, { format }] of Object.entries(told)) formats.set(fold, format)
    const snapshots: FoldSnapshot[] = []
    for (const [fold, format] of formats) {
      const snapshot = await log.loadSnapshot(fold, format)
      if (snapshot) snapshots.push({ fold, format, ...snapshot })
    }
    const untold = Object.keys(told).length > 0 && !snapshots.every((snapshot) => isTold(snapshot, told))
    if (!isNew || !untold || tries === TRIES) return snapshots
  }
}

async function newest(log: EventLog, type: string): Promise<StoredEvent | undefined> {
  return (await log.read({ type, order: 'newest', limit: 1 })).events[0]
}

function lines(documents: readonly unknown[]): string {
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('')
}

const NOTHING: VerifyReport = {
  ok: true,
  events: 0,
  streams: 0,
  problems: [],
  unproven: [],
  anchor: '',
}

/** What is given is no backup, or one of a newer Slotwise. */
export class NoBackup extends Error {
  override readonly name = 'NoBackup'
}

/** Reads a backup line by line and checks every chain in it. */
export class BackupReader {
  #verifier: Verifier | undefined
  readonly #snapshots: SnapshotProof[] = []
  #head: BackupHead | undefined
  #cut: Cut | undefined
  #events = 0
  #end: { readonly events: number } | undefined
  readonly #problems: string[] = []
  /** Of the last event that was read. */
  #position = 0
  /** The furthest position that a snapshot covers. */
  #covered = 0

  /** @param anchor hash of a digest that the backup must contain */
  constructor(private readonly anchor?: string) {}

  get head(): BackupHead | undefined {
    return this.#head
  }

  /** How many events were read. */
  get events(): number {
    return this.#events
  }

  /** Where the log begins, when it was trimmed. */
  get cut(): Cut | undefined {
    return this.#cut
  }

  /** Whether nothing that was read so far is out of place. */
  get isInOrder(): boolean {
    return this.#problems.length === 0
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
    if ('snapshot' in document)
      return this.#snapshot(checked(snapshotDocument, document.snapshot, 'a snapshot'), hashOfLine(line))
    if ('end' in document) {
      this.#end = checked(endLine, document.end, 'its end')
      return { end: this.#end }
    }
    const row = rowOf(document, this.#events + 1)
    this.#place(Number(row.position))
    this.#verifier!.add(row)
    this.#events++
    return { row }
  }

  report(): VerifyReport {
    const problems = [...this.#problems]
    if (!this.#end) problems.push(`it breaks off after ${this.#events} events: its end is missing`)
    else if (this.#end.events !== this.#events)
      problems.push(`it should have ${this.#end.events} events and has ${this.#events}: lines are missing`)
    if (this.#covered > this.#position)
      problems.push(`a snapshot is of position ${this.#covered}, behind the last event: it was changed`)
    const report = this.#verifier?.report(this.anchor) ?? NOTHING
    const all = [...problems, ...report.problems]
    return { ...report, ok: all.length === 0, problems: all }
  }

  #begin(document: Readonly<Record<string, unknown>>): BackupLine {
    if (document.slotwise !== 'backup') throw new NoBackup('it does not begin as a backup of Slotwise does')
    if (document.format !== FORMAT)
      throw new NoBackup(`it is of a newer Slotwise (format ${String(document.format)}); use that one`)
    const head = document as unknown as BackupHead
    this.#head = head
    this.#cut = head.cut && cutOf(JSON.stringify(head.cut))
    if (head.cut !== undefined && !this.#cut) throw new NoBackup('its head tells no cut')
    this.#position = Number(this.#cut?.through ?? 0)
    const check = new SnapshotCheck(this.#snapshots, true)
    this.#verifier = new Verifier([this.anchor], this.#cut, check)
    return { head }
  }

  /** Positions are in no chain, but they have no gaps: an event that was moved stands beside its place. */
  #place(position: number): void {
    const expected = this.#position + 1
    if (position !== expected && this.isInOrder)
      this.#problems.push(
        `event ${position} stands where event ${expected} should: events were moved, put in or taken out`,
      )
    this.#position = position
  }

  /**
   * A snapshot has everything that was removed, or what it lacks is lost; and nothing that is still to come, or events
   * would be passed over for it. Where all events are there, none is taken.
   */
  #snapshot(snapshot: FoldSnapshot, hash: string): BackupLine {
    const { fold, format, position } = snapshot
    this.#snapshots.push({ fold, format, position, hash })
    if (!this.#cut)
      this.#problems.push(`it has a snapshot of ${fold}, and nothing was trimmed: it was put in`)
    else if (parsePosition(position) < parsePosition(this.#cut.through))
      this.#problems.push(`the snapshot of ${fold} does not cover what was trimmed`)
    this.#covered = Math.max(this.#covered, parsePosition(position))
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

const position = z.string().regex(/^\d{1,15}$/)
const snapshotDocument = z.strictObject({
  fold: z.string(),
  format: z.int(),
  position,
  state: z.unknown(),
})
const endLine = z.strictObject({ events: z.int() })
/** As far as no hash would tell. */
const eventLine = z.looseObject({
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  data: z.unknown(),
  streamversion: z.int().min(1),
  position,
  previoushash: z.string(),
  hash: z.string(),
})

/** @throws NoBackup */
function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data } = schema.safeParse(value)
  if (!success) throw new NoBackup(`${what} is none`)
  return data
}

/** What does not fit its hash is found by the verifier; here only what is no event at all. */
function rowOf(document: Readonly<Record<string, unknown>>, n: number): EventRow {
  const what = `its event ${n}`
  checked(eventLine, document, what)
  try {
    return toRow(document as unknown as StoredEvent)
  } catch (error) {
    throw new NoBackup(`${what} ${(error as Error).message}`)
  }
}
