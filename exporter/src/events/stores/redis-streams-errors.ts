import { LogUnavailable } from '../log.js'
import { isAnswer } from '../../redis/command-link.js'
import { NodeError } from '../../redis/errors.js'

const BY_ITSELF = 'the log goes on by itself then'

/** What an error reply means for the log, by how it begins. */
const REPLIES: readonly [prefix: RegExp, hint: string][] = [
  [/^LOADING/, `it is loading its data after a start; ${BY_ITSELF}`],
  [
    /^READONLY/,
    'it has become a replica; let the address lead to the primary (--events.url), the log goes on by itself then',
  ],
  [
    /^OOM/,
    `its memory is full (maxmemory); raise maxmemory or shorten the retention of the log; ${BY_ITSELF}`,
  ],
  [
    /^MISCONF/,
    `it cannot write to its disk; is the disk full? Free some space there, see its log; ${BY_ITSELF}`,
  ],
  [/^NOAUTH/, 'it wants a password; set --events.password-file, or SLOTWISE_EVENTS_PASSWORD'],
  [
    /^WRONGPASS|^ERR invalid password/,
    'user name or password are wrong, or the user is disabled; look at --events.url and --events.password-file',
  ],
  [/^ERR AUTH/, 'it has no password, but one is given here; remove it here or set it there'],
  [/^NOPERM/, "its user may not do that; docs/security.md has the log's ACL user"],
  [/^DENIED/, 'protected mode: it takes only local connections; set a password there and bind it right'],
  [/^BUSY/, `a script blocks it; end that one with SCRIPT KILL; ${BY_ITSELF}`],
  [/Script killed/, 'somebody ended the script with SCRIPT KILL; nothing was done'],
  [/^NOREPLICAS/, `it has too few replicas in reach (min-replicas-to-write); ${BY_ITSELF}`],
  [/^CLUSTERDOWN|^TRYAGAIN/, `its cluster is not whole; ${BY_ITSELF}`],
  [/^MOVED|^ASK/, `another node of its cluster has the log now; ${BY_ITSELF}`],
  [
    /^WRONGTYPE/,
    'somebody else writes to the keys slotwise:{log}:*; give the log a server or a database of its own',
  ],
  [/max number of clients/, `it has reached maxclients; ${BY_ITSELF}`],
  [/^ERR unknown command/, 'it lacks a command that the log needs, or has it renamed or forbidden'],
  [/DB index is out of range|SELECT is not allowed/, 'it has no such database; look at --events.url'],
]

/** Replies after which the connection leads to the wrong place. */
const ELSEWHERE = /^(READONLY|MOVED|ASK|CLUSTERDOWN|MASTERDOWN)/

/** The error reply of a server; undefined where there was none. */
export function replyOf(error: unknown): string | undefined {
  return error instanceof NodeError && typeof error.cause === 'string' ? error.cause : undefined
}

/** Whether a connection is of no use after this error. */
export function isSpent(error: unknown): boolean {
  const reply = replyOf(error)
  return reply === undefined ? !isAnswer(error) : ELSEWHERE.test(reply)
}

/** Whether nothing at all was sent. */
export function wasNotSent(error: unknown): boolean {
  const cause = error instanceof NodeError ? (error.cause as Error | undefined) : undefined
  return cause instanceof Error && cause.message.includes("isn't writeable")
}

/**
 * Tells what failed at which server, why it probably did, and what to do; one line.
 * @param doing `appending`, `reading`, …; `writes` says whether something may have been done
 */
export function explain(where: string, doing: string, error: unknown, writes = false): LogUnavailable {
  const reply = replyOf(error)
  if (reply !== undefined) {
    const hint = REPLIES.find(([prefix]) => prefix.test(reply))?.[1]
    const short = reply.split('\n')[0]!.slice(0, 200)
    return new LogUnavailable(
      `event log ${where}: ${doing} failed: ${hint === undefined ? short : `${hint} (${short})`}`,
    )
  }
  const unknown = writes && !wasNotSent(error)
  const hint = unknown
    ? '; what was being written is there as a whole or not at all: read before trying again'
    : ''
  const what = whatOf(where, error as Error)
  return new LogUnavailable(`event log ${where}: ${doing} failed: ${what}${hint}`, unknown)
}

function whatOf(where: string, error: Error): string {
  if (!(error instanceof NodeError)) return error.message
  if (error.kind === 'closed') return 'the connection was closed; did the server restart?'
  const what = error.message.slice(error.address.length + 2)
  const tls = error.kind === 'timeout' && where.startsWith('rediss:')
  return tls ? `${what} Does it speak TLS on this port?` : what
}
