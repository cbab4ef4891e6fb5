import { eventTypes, type EventData } from '../contract/events.js'
import { hashOf, hashOfHeads, NO_HEAD, type EventRow, type Head } from './chain.js'
import { DIGEST_STREAM, DIGEST_TYPE } from './draft.js'
import type { VerifyReport } from './log.js'
import { SnapshotCheck } from './snapshot-check.js'
import { cutOf, TRIMMED_TYPE, type Cut } from './trim.js'

const MAX_PROBLEMS = 100
const toldSnapshots = eventTypes['log.digest'].data.shape.snapshots.unwrap()

/**
 * Checks a log that is read to it event by event in the order of their positions, and keeps no more than the head
 * of every stream. At each digest the heads must be those that it lists, and those that it does not list must be as they
 * were at the digest before: a log that was cut off or rewritten behind one shows there, whatever its chains say. The
 * first digest is asked for its hash of all heads, too: digests before it, which listed the rest, may have been trimmed.
 * A log that was trimmed begins at its cut, with the heads that its newest `log.trimmed` event lists: that event must be
 * there, and every stream must go on from them. What came before is told by snapshots alone: they must be as digests
 * tell them.
 */
export class Verifier {
  readonly #heads: Map<string, Head>
  readonly #problems: string[] = []
  readonly #blamed = new Set<string>()
  /** Streams with events behind the newest digest. */
  readonly #changed = new Set<string>()
  #digests = 0
  #more = 0
  #events = 0
  #newestDigest: string
  readonly #missing: Set<string>
  /** What the newest `log.trimmed` event says. */
  #told: Cut | undefined

  /**
   * @param anchors hashes of digests that are looked for
   * @param cut where the log begins; absent when it was never trimmed
   * @param snapshots those that the log has
   */
  constructor(
    anchors: readonly (string | undefined)[] = [],
    private readonly cut?: Cut,
    private readonly snapshots = new SnapshotCheck(),
  ) {
    this.#heads = new Map(cut?.heads)
    this.#newestDigest = this.#heads.get(DIGEST_STREAM)?.hash ?? ''
    this.#missing = new Set(anchors.filter((anchor) => anchor !== undefined))
    this.#missing.delete(this.#newestDigest)
  }

  add(row: EventRow): void {
    const { stream, version, id, hash } = row
    const head = this.#heads.get(stream) ?? NO_HEAD
    const place = `stream ${stream}, version ${version}`
    this.#events++
    if (version !== head.version + 1)
      this.#problem(`${place}: comes after version ${head.version}; events between are missing or doubled`)
    else if (row.previoushash !== head.hash)
      this.#problem(`${place}: does not continue the event before it; that one or this was replaced`)
    if (hashOf(row) !== hash)
      this.#problem(`${place}: its content does not fit its hash; the event ${id} was changed`)
    this.#heads.set(stream, { version, hash })
    if (stream !== DIGEST_STREAM) {
      this.#changed.add(stream)
      return
    }
    this.#newestDigest = hash
    this.#missing.delete(hash)
    if (row.type === DIGEST_TYPE) this.#digest(row)
    if (row.type === TRIMMED_TYPE) this.#trimmed(row)
  }

  /** @param anchor one of those that were looked for, which the log must contain */
  report(anchor?: string): VerifyReport {
    const snapshots = this.cut ? this.snapshots.report() : { problems: [], unproven: [] }
    const problems = [...this.#problems, ...this.#atTheEnd(anchor), ...snapshots.problems]
    const more = this.#more + Math.max(0, problems.length - MAX_PROBLEMS)
    return {
      ok: problems.length === 0,
      events: this.#events,
      streams: this.#heads.size,
      problems: [...problems.slice(0, MAX_PROBLEMS), ...(more === 0 ? [] : [`and ${more} more`])],
      unproven: snapshots.unproven,
      anchor: this.#newestDigest,
    }
  }

  /** What only the whole log shows. */
  #atTheEnd(anchor: string | undefined): string[] {
    const problems: string[] = []
    if (anchor !== undefined && this.#missing.has(anchor))
      problems.push(
        `no digest has the hash ${anchor}: this is another log, or it was cut off before that digest` +
          (this.cut ? ', or retention has removed that digest' : ''),
      )
    if (this.cut && !this.#told)
      problems.push(
        'the log begins in the middle, and no log.trimmed event tells it: its beginning was removed',
      )
    else if (this.#told && !isSame(this.#told, this.cut))
      problems.push('the newest log.trimmed event tells another cut than the one that the log begins with')
    return problems
  }

  #digest(row: EventRow): void {
    const name = `digest ${row.version}`
    const digest = digestOf(row.data)
    if (digest === undefined) {
      this.#problem(`${name}: lists no heads; it was changed`)
      return
    }
    const { listed, all, snapshots } = digest
    if (snapshots) this.snapshots.told(name, snapshots)
    for (const [stream, { version, hash }] of listed) {
      const head = this.#heads.get(stream)
      if (head === undefined)
        this.#blame(stream, `${name} lists ${version} events in it, here are none: it was removed`)
      else if (head.version < version)
        this.#blame(stream, `${name} lists ${version} events, here are ${head.version}: it was cut off`)
      else if (head.version > version)
        this.#blame(stream, `${name} lists ${version} events, here are ${head.version}: some were put in`)
      else if (head.hash !== hash)
        this.#blame(stream, `${name} lists another event as version ${version}: it was rewritten`)
    }
    // A digest of an older version lists all streams.
    for (const stream of all === undefined ? this.#heads.keys() : this.#changed)
      if (stream !== DIGEST_STREAM && !listed.has(stream))
        this.#blame(stream, `${name} does not list what is new in it: that was put in later`)
    this.#changed.clear()
    if (this.#digests++ === 0 && all !== undefined && this.#problems.length === 0) this.#checkAll(name, all)
  }

  #checkAll(name: string, all: string): void {
    const heads = new Map(this.#heads)
    heads.delete(DIGEST_STREAM)
    if (hashOfHeads(heads) !== all)
      this.#problem(
        `${name}: its hash of all heads does not fit them: streams were removed or put in, or another cut was told`,
      )
  }

  /** The log may have been cut again since, further on: then its beginning is behind this cut. */
  #trimmed(row: EventRow): void {
    const told = cutOf(row.data)
    this.#told = told
    if (told === undefined)
      this.#problem(`stream ${DIGEST_STREAM}, version ${row.version}: tells no cut; it was changed`)
    for (const [stream, { version, hash }] of told?.heads ?? []) {
      const begins = this.cut?.heads.get(stream)
      if (begins === undefined || begins.version < version)
        this.#blame(
          stream,
          `it begins at version ${begins?.version ?? 0}, but was trimmed through ${version} before`,
        )
      else if (begins.version === version && begins.hash !== hash)
        this.#blame(
          stream,
          `was trimmed at another event as version ${version}: one of the log.trimmed events was changed`,
        )
    }
  }

  /** Once a stream: every later digest would say the same. */
  #blame(stream: string, what: string): void {
    if (this.#blamed.has(stream)) return
    this.#blamed.add(stream)
    this.#problem(`stream ${stream}: ${what}`)
  }

  #problem(what: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(what)
    else this.#more++
  }
}

/** Undefined for what somebody made of it that is none; of members that are unknown nothing is wanted. */
function digestOf(data: string) {
  try {
    const { heads, all, snapshots } = JSON.parse(data) as EventData<'log.digest'>
    const listed = new Map(
      Object.entries(heads).map(([stream, { version, hash }]) => [stream, { version, hash }]),
    )
    return { listed, all, snapshots: snapshots && toldSnapshots.parse(snapshots) }
  } catch {
    return undefined
  }
}

function isSame(a: Cut, b: Cut | undefined): boolean {
  return (
    a.through === b?.through &&
    a.heads.size === b.heads.size &&
    [...a.heads].every(([stream, { version, hash }]) => {
      const other = b.heads.get(stream)
      return other?.version === version && other.hash === hash
    })
  )
}
