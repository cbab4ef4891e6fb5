import { hashOf, NO_HEAD, type EventRow, type Head } from './chain.js'
import { DIGEST_STREAM } from './draft.js'
import type { VerifyReport } from './log.js'

const MAX_PROBLEMS = 100

/**
 * Checks a log that is read to it event by event in the order of their positions, and keeps no more than the head
 * of every stream. At each digest the heads must be those that the digest lists: a log that was cut off or rewritten
 * behind one shows there, whatever its chains say.
 */
export class Verifier {
  readonly #heads = new Map<string, Head>()
  readonly #problems: string[] = []
  readonly #blamed = new Set<string>()
  #more = 0
  #events = 0
  #newestDigest = ''
  #anchorFound = false

  /** @param anchor hash of a digest that the log must contain */
  constructor(private readonly anchor?: string) {}

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
    if (stream === DIGEST_STREAM) this.#digest(row)
  }

  report(): VerifyReport {
    if (this.anchor !== undefined && !this.#anchorFound)
      this.#problem(
        `no digest has the hash ${this.anchor}: this is another log, or it was cut off before that digest`,
      )
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
    this.#newestDigest = row.hash
    if (row.hash === this.anchor) this.#anchorFound = true
    const name = `digest ${row.version}`
    const listed = listedHeads(row.data)
    if (listed === undefined) {
      this.#problem(`${name}: lists no heads; it was changed`)
      return
    }
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
    for (const stream of this.#heads.keys())
      if (stream !== DIGEST_STREAM && !listed.has(stream))
        this.#blame(stream, `${name} does not list it: it was put in later`)
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

function listedHeads(data: string): Map<string, Head> | undefined {
  try {
    const { heads } = JSON.parse(data) as { heads: Record<string, Head> }
    return new Map(Object.entries(heads))
  } catch {
    return undefined
  }
}
