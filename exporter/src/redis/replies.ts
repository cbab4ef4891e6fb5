/**
 * What was read from Redis, as values: the vocabulary between the folder that talks to Redis and those that make
 * metrics or judgements of it.
 */
import { isUtf8 } from 'node:buffer'
import { integer, MOST_DIGITS, ProtocolError } from './frames.js'
import type { InfoFields, InfoLines } from './info.js'

export { readInfo, type InfoFields, type InfoLines, type Line } from './info.js'

const PLUS = 43
const MINUS = 45
const COLON = 58
const DOLLAR = 36
const STAR = 42
const CR = 13

/** An error that stands where a reply, or a part of one, should. */
export class ReplyError {
  constructor(readonly message: string) {}
}

/** A RESP2 reply as a value. */
export type Reply = string | number | null | ReplyError | readonly Reply[]

/** Arrays deeper than this are nobody's reply. */
const DEEPEST = 16

/**
 * Decodes the frame of a reply.
 * @param encoding of its strings: text for people, or latin1, which keeps every byte as a character
 * @throws ProtocolError the bytes are no whole reply
 */
export function decode(frame: Buffer, encoding: 'text' | 'latin1' = 'text'): Reply {
  let at = 0
  const read = (depth: number): Reply => {
    const lineEnd = frame.indexOf(CR, at)
    if (lineEnd < 0 || depth > DEEPEST) throw new ProtocolError('a reply that is cut off, or too deep')
    const type = frame[at]
    const start = at + 1
    at = lineEnd + 2
    if (type === COLON) {
      // A counter may have more digits than a length.
      if (lineEnd - start <= MOST_DIGITS) return integer(frame, start, lineEnd)
      const value = Number(frame.toString('latin1', start, lineEnd))
      if (Number.isNaN(value)) throw new ProtocolError('an integer that is none')
      return value
    }
    if (type === PLUS) return textOf(frame.subarray(start, lineEnd))
    if (type === MINUS) return new ReplyError(textOf(frame.subarray(start, lineEnd)))
    if (type !== DOLLAR && type !== STAR) throw new ProtocolError('a reply of an unknown type')
    const count = integer(frame, start, lineEnd)
    if (count < 0) return null
    if (type === STAR) {
      const items: Reply[] = []
      for (let i = 0; i < count; i++) items.push(read(depth + 1))
      return items
    }
    const bytes = frame.subarray(at, at + count)
    if (bytes.length < count) throw new ProtocolError('a bulk string that is cut off')
    at += count + 2
    return encoding === 'latin1' ? bytes.toString('latin1') : textOf(bytes)
  }
  return read(0)
}

/** Bytes as text: UTF-8, else with `\xNN` as redis-cli prints it, so that different bytes stay different. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  return bytes
    .toString('latin1')
    .replace(/[\x80-\xff\\]/g, (char) =>
      char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
}

/** A reply that is an array, as its items; nothing for any other. */
export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : []
}

/** A reply of names and values in turn (CONFIG GET, XINFO STREAM) as a map; what is no name is passed over. */
export function pairsOf(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  const items = listOf(reply)
  const pairs = new Map<string, Reply>()
  for (let i = 0; i + 1 < items.length; i += 2) {
    const name = items[i]
    if (typeof name === 'string') pairs.set(name, items[i + 1]!)
  }
  return pairs
}

/** The text of an error reply without its minus (`NOAUTH Authentication required.`); undefined when it is none. */
export function errorOf(frame: Buffer): string | undefined {
  return frame[0] === MINUS ? frame.toString('utf8', 1, frame.length - 2) : undefined
}

/** The bytes of a bulk string; undefined when the reply is something else or nil. */
export function bulkOf(frame: Buffer): Buffer | undefined {
  if (frame[0] !== DOLLAR || frame[1] === MINUS) return undefined
  return frame.subarray(frame.indexOf(CR) + 2, frame.length - 2)
}

/** A part of a reading that can fail by itself; the error is for people. */
export interface Part<T> {
  readonly value?: T
  readonly error?: string
}

/** The reply to a command that an earlier reply named. */
export interface Answer {
  /** What it is about: a primary's name, an index, a file. */
  readonly of: string
  readonly command: readonly string[]
  readonly frame: Buffer
}

/** What one reading brought: the raw replies to its commands, in their order, errors among them. */
export interface Replies {
  readonly frames: readonly Buffer[]
  readonly more?: readonly Answer[]
  /** Why a command of it was refused; for people. */
  readonly error?: string
  /** Seconds that a round trip of its own took. */
  readonly durationSeconds?: number
}

/**
 * One reading of one node. `error` is set when INFO could not be had: then the node counts as down. What a node has
 * answered is kept once, so `replies` and texts, and what is read from them, are those of its last reading.
 */
export interface NodeReading {
  readonly error?: string
  /** By the reading's name (redis/readings.ts). What is as it was the time before is the very same object. */
  readonly replies?: ReadonlyMap<string, Replies>
  /** The replies that are texts of `key:value` lines; what `replies` has of them is whether they are errors. */
  readonly texts?: { readonly info: InfoLines; readonly cluster_info: InfoLines }
  readonly info?: InfoFields | undefined
  /** CLUSTER INFO; absent where the node is not in cluster mode. */
  readonly clusterInfo?: Part<InfoFields> | undefined
  /** Seconds that a PING took, where it was sent (--ping-on-connect). */
  readonly pingSeconds?: number
  /** Of the connection that the reading went over; seconds. */
  readonly connectSeconds: number
  readonly durationSeconds: number
  /** When the reading ended; seconds since the epoch. */
  readonly at: number
}

/** Inclusive range of hash slots. */
export type SlotRange = readonly [from: number, to: number]

/** A node as its cluster knows it. */
export interface ClusterNode {
  readonly id: string
  /** Where to connect: `host:port`, as it is reached from here. */
  readonly address: string
  /** The node's name in metrics: the announced host name with its port, else the address. */
  readonly instance: string
  readonly role: 'primary' | 'replica'
  /** The node id of its primary; empty for a primary. */
  readonly primaryId: string
  /** The engine's shard id, else the smallest node id in the shard. */
  readonly shard: string
  /** As CLUSTER NODES has them: `fail`, `fail?`, `handshake`, `noaddr`, … without `myself` and the role. */
  readonly flags: readonly string[]
  readonly slots: readonly SlotRange[]
  /** How many of the views read have a cluster-bus link to it that is down. */
  readonly linksDown: number
}

/** What the reader found of a key; this and the next come as JSON in place of a reply. */
export interface KeyFact {
  readonly db: number
  readonly key: string
  /** Elements, or bytes of a string. */
  readonly size?: number
  readonly memoryBytes?: number
  /** Of a string, when values are looked at; cut where it is long. */
  readonly value?: string
}

export interface CountFact {
  readonly db: number
  readonly pattern: string
  readonly count: number
}

/** Fields as XINFO names them. */
export type Fields = Readonly<Record<string, string | number>>

export interface StreamFact {
  readonly db: number
  readonly stream: string
  readonly info: Fields
  readonly groups: readonly { readonly info: Fields; readonly consumers: readonly Fields[] }[]
}

export interface GroupFact {
  readonly db: number
  /** Groups found, before the rest was put together. */
  readonly distinct: number
  readonly groups: readonly { readonly name: string; readonly count: number; readonly memoryBytes: number }[]
}

/** What is known of a cluster: the nodes as the best view has them, and how the views differ. */
export interface ClusterReading {
  readonly name: string
  readonly nodes: readonly ClusterNode[]
  /** How many views were read, and how many different opinions they hold. */
  readonly viewsRead: number
  readonly views: number
  readonly slotsCovered: number
  readonly slotsMigrating: number
  /** Which these are, from and to by the ids of the nodes; absent where nobody asked. */
  readonly migrating?: readonly { readonly slot: number; readonly from: string; readonly to: string }[]
  /** Primaries that changed since this process started. */
  readonly failovers: number
  /** When a view was last read; seconds since the epoch. */
  readonly at: number
}
