import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { z } from 'zod'
import { position, type eventPage } from '../../contract/api.js'
import { TYPE_PREFIX, type StoredEvent } from '../../contract/events.js'
import { backup } from '../../events/backup.js'
import { PositionTrimmed, type EventLog, type Page, type ReadOptions } from '../../events/log.js'
import type { ControlOptions } from './context.js'
import type { EventStreams } from './event-stream.js'
import type { FairQueue } from './fair-queue.js'
import { Refusal } from './problem.js'
import type { Handlers } from './route.js'
import { SharedVerify } from './shared-verify.js'
import type { Visibility } from './visibility.js'

/** Events that one request looks through at most; the answer says where to go on. */
const MOST_LOOKED_THROUGH = 20_000
const BATCH = 1000

/**
 * /events, /events/stream, /events/verify, /events/backup
 * @param reads turns for reading the log
 */
export function eventHandlers(
  { log, folds, clock, onWarning }: ControlOptions,
  visibility: Visibility,
  streams: EventStreams,
  reads: FairQueue,
): Pick<Handlers, 'listEvents' | 'streamEvents' | 'verifyEvents' | 'backupEvents'> {
  const verifying = new SharedVerify(log)
  return {
    listEvents: async ({ principal, query, response }) => {
      const { after, order, cluster, stream, type, without, limit } = query
      const only = cluster === undefined ? undefined : visibility.cluster(principal, cluster).name
      const filtered = only !== undefined || principal.clusters !== undefined
      const read = (options: ReadOptions) =>
        reads.run(principal.id, () => {
          if (response.destroyed) throw new Error('nobody waits for it any more')
          return readFrom(log, options)
        })
      return readVisible(
        read,
        {
          ...(after !== undefined && { after }),
          ...(stream !== undefined && { stream }),
          ...(type !== undefined && { type: fullType(type) }),
          ...(without !== undefined && { without: fullType(without) }),
          order,
        },
        {
          limit,
          batch: filtered ? BATCH : limit,
          show: (event) => visibility.showEvent(principal, event, only),
        },
      )
    },
    streamEvents: async ({ principal, query, request, response }) => {
      const only = query.cluster === undefined ? undefined : visibility.cluster(principal, query.cluster).name
      const type = query.type === undefined ? undefined : fullType(query.type)
      const after = lastEventId(request) ?? query.after
      // A position that is none has to be refused before the answer begins.
      if (after !== undefined) await readFrom(log, { after, limit: 1 }).catch(throughOf)
      await streams.serve(request, response, principal, {
        ...(after !== undefined && { after }),
        show: (event) =>
          (type === undefined || event.type === type) &&
          (query.stream === undefined || inStream(event, query.stream))
            ? visibility.showEvent(principal, event, only)
            : undefined,
      })
      return undefined
    },
    verifyEvents: async ({ principal, query }) => {
      const { ok, anchor, events, streams, problems, unproven } = await verifying.verify(query.anchor)
      if (!principal.clusters)
        return { ok, anchor, events, streams, problems: [...problems], unproven: [...unproven] }
      const count = problems.length
      const summary = `${count} problem${count === 1 ? '' : 's'}; a token for all clusters sees where`
      return { ok, anchor, problems: count === 0 ? [] : [summary], unproven: [...unproven] }
    },
    backupEvents: async ({ principal, response }) => {
      if (principal.clusters)
        throw new Refusal(
          'limited-token',
          `a backup has the events of every cluster, and the token ${principal.id} is limited to ` +
            `${[...principal.clusters].join(', ')}; use one that is not`,
        )
      if (principal.keyPrefixes)
        throw new Refusal(
          'limited-keys',
          `a backup has names of keys of every plan, and the token ${principal.id} is limited to some; ` +
            'use one that is not',
        )
      const lines = backup(log, folds, () => new Date(clock()))
      // A log that is away is told as a problem: nothing is answered before the first line is there.
      const first = await lines.next()
      response.setHeader('content-type', 'application/x-ndjson')
      // Whoever reads it sees by its missing end that it broke off; why, stands here.
      await pipeline(async function* () {
        try {
          yield first.value as string
          yield* lines
        } catch (error) {
          onWarning(`a backup broke off: ${(error as Error).message}`)
          throw error
        }
      }, response)
      return undefined
    },
  }
}

/** Reads on until enough events can be shown, the log ends, or enough was looked through. */
async function readVisible(
  read: (options: ReadOptions) => Promise<Page>,
  options: Omit<ReadOptions, 'limit'>,
  {
    limit,
    batch,
    show,
  }: { limit: number; batch: number; show: (event: StoredEvent) => StoredEvent | undefined },
): Promise<z.output<typeof eventPage>> {
  const events: StoredEvent[] = []
  let next = options.after ?? ''
  let gap: { readonly trimmed?: string } = {}
  for (let seen = 0; seen < MOST_LOOKED_THROUGH;) {
    const page = await read({ ...options, ...(next !== '' && { after: next }), limit: batch }).catch(
      throughOf,
    )
    if (typeof page === 'string') {
      next = page
      gap = { trimmed: page }
      continue
    }
    for (const event of page.events) {
      const shown = show(event)
      if (shown) events.push(shown)
      if (events.length === limit) return { events, next: event.position, more: true, ...gap }
    }
    next = page.next
    if (page.events.length < batch) return { events, next, more: false, ...gap }
    seen += page.events.length
  }
  return { events, next, more: true, ...gap }
}

/** Where to read on behind what is gone. @throws what is anything else */
function throughOf(error: unknown): string {
  if (error instanceof PositionTrimmed) return error.through
  throw error
}

/**
 * Reads a page.
 * @throws Refusal where `after` is no position of this log
 */
export async function readFrom(log: EventLog, options: ReadOptions): Promise<Page> {
  try {
    return await log.read(options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Refusal(
      'invalid-query',
      'after: not a position of this log; use one that an event or `next` gave',
    )
  }
}

function fullType(type: string): string {
  return type.startsWith(TYPE_PREFIX) ? type : TYPE_PREFIX + type
}

/** @throws Refusal for what is no position */
function lastEventId({ headers }: IncomingMessage): string | undefined {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return undefined
  if (typeof id === 'string' && position.safeParse(id).success) return id
  throw new Refusal('invalid-header', 'Last-Event-ID: not the id of an event of this stream')
}

function inStream({ subject }: StoredEvent, stream: string): boolean {
  return stream.endsWith('/') ? subject.startsWith(stream) : subject === stream
}
