/**
 * What was read from Redis, as values: the vocabulary between the folder that talks to Redis and those that make
 * metrics or judgements of it.
 */
import type { InfoFields } from './info.js'

export type { InfoFields } from './info.js'

const MINUS = 45
const DOLLAR = 36
const CR = 13

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

/** One reading of one node. `error` is set when INFO could not be had: then the node counts as down. */
export interface NodeReading {
  readonly error?: string
  readonly info?: InfoFields
  /** CLUSTER INFO; absent where the node is not in cluster mode. */
  readonly clusterInfo?: Part<InfoFields>
  /** How many databases the node has, where it says. */
  readonly databases?: number
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
  /** Where to connect: `host:port`. */
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

/** What is known of a cluster: the nodes as the best view has them, and how the views differ. */
export interface ClusterReading {
  readonly name: string
  readonly nodes: readonly ClusterNode[]
  /** How many views were read, and how many different opinions they hold. */
  readonly viewsRead: number
  readonly views: number
  readonly slotsCovered: number
  readonly slotsMigrating: number
  /** Primaries that changed since this process started. */
  readonly failovers: number
  /** When a view was last read; seconds since the epoch. */
  readonly at: number
}
