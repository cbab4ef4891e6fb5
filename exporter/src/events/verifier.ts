import type { EventData } from '../contract/events.js'
import { hashOf, hashOfHeads, NO_HEAD, type EventRow, type Head } from './chain.js'
import { DIGEST_STREAM, DIGEST_TYPE } from './draft.js'
import type { VerifyReport } from './log.js'
import { cutOf, TRIMMED_TYPE, type Cut } from './trim.js'

const MAX_PROBLEMS = 100

/**
 * Checks a log that is read to it event by event in the order of their positions, and keeps no more than the head
 * of every stream. At each digest the heads must be those that it lists, and those that it does not list must be as they
 * were at the digest before: a log that was cut off or rewritten behind one shows there, whatever its chains say. The
 * first digest is asked for its hash of all heads, too: digests before it, which listed the rest, may have been trimmed.
 * A log that was trimmed begins at its cut, with the heads that its newest `log.trimmed` event lists: that event must be
 * there, and every stream must go on from them.
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
  #anchorFound: boolean
  /** What the newest `log.trimmed` event says. */
  #told: Cut | undefined

  /**
   * @param anchor hash of a digest that the log must contain
   * @param cut where the log begins; absent when it was never trimmed
   */
  constructor(
    private readonly anchor?: string,
    private readonly cut?: Cut,
  ) {
    this.#heads = new Map(cut?.heads)
    this.#newestDigest = this.#heads.get(DIGEST_STREAM)?.hash ?? ''
    this.#anchorFound = this.#newestDigest !== '' && this.#newestDigest === anchor
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
    if (hash === this.anchor) this.#anchorFound = true
    if (row.type === DIGEST_TYPE) this.#digest(row)
    if (row.type === TRIMMED_TYPE) this.#trimmed(row)
  }

  report(): VerifyReport {
    if (this.anchor !== undefined && !this.#anchorFound)
      this.#problem(
        `no digest has the hash ${this.anchor}: this is another log, or it was cut off before that digest` +
          (this.cut ? ', or retention has removed that digest' : ''),
      )
    if (this.cut && !this.#told)
      this.#problem(
        'the log begins in the middle, and no log.trimmed event tells it: its beginning was removed',
      )
    else if (this.#told && !isSame(this.#told, this.cut))
      this.#problem('the newest log.trimmed event tells another cut than the one that the log begins with')
    const more = this.#more === 0 ? [] : [`and ${this.#more} more`]
    return {
      ok: this.#problems.length === 0,
      events: this.#events,
      streams: this.#heads.size,
      problems: [...this.#problems, ...more],
      anchor: this.#newestDigest,
    }
  }

  #digest(row: EventRow): void {
    const name = `digest ${row.version}`
    const digest = digestOf(row.data)
    if (digest === undefined) {
      this.#problem(`${name}: lists no heads; it was changed`)
      return
    }
    const { listed, all } = digest
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

function digestOf(data: string): { listed: Map<string, Head>; all: string | undefined } | undefined {
  try {
    const { heads, all } = JSON.parse(data) as EventData<'log.digest'>
    return { listed: new Map(Object.entries(heads)), all }
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
