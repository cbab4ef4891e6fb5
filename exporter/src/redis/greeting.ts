import type { Ownership } from './ownership.js'
import { errorOf } from './replies.js'

export interface GreetingOptions {
  /** Shown in CLIENT LIST; not set when absent. */
  readonly clientName?: string
  /** Sent on every new connection before anything else, e.g. READONLY. A refusal is passed over. */
  readonly setup?: readonly (readonly string[])[]
  /**
   * For a link that writes for an operation: asked for each new connection once that has its name, and before each
   * pipeline. A connection that is refused its name is not used.
   */
  readonly guard?: Ownership
}

interface Greeting {
  readonly words: readonly string[]
  /** What has failed when it is refused; undefined: a refusal is passed over. */
  readonly vital?: string | undefined
}

/** What a node says to a connection that it does not want, whatever was asked. */
const NOT_WELCOME = /^(?:DENIED|ERR max number of clients)/

/** AUTH, CLIENT SETNAME and set-up: what a new connection sends before anything else, in one round trip. */
export function greetingsOf(
  username: string | undefined,
  password: string | undefined,
  { clientName, guard, setup = [] }: GreetingOptions,
): Greeting[] {
  const greetings: Greeting[] = []
  // An empty one is none, as redis_exporter has it; a user with nopass still has to be named.
  if (password !== undefined && (password !== '' || username !== undefined))
    greetings.push({
      words: ['AUTH', ...(username === undefined ? [] : [username]), password],
      vital: 'AUTH',
    })
  if (clientName !== undefined)
    greetings.push({
      words: ['CLIENT', 'SETNAME', clientName],
      vital: guard && 'CLIENT SETNAME',
    })
  for (const words of setup) greetings.push({ words })
  return greetings
}

/**
 * Why the connection is not to be used: only a refused password, a refused name of a link that writes, and a refusal
 * of the whole connection are reasons.
 */
export function refusalIn(
  greetings: readonly Greeting[],
  replies: readonly Buffer[],
): { readonly command: string; readonly reply: string } | undefined {
  for (const [i, { vital }] of greetings.entries()) {
    const reply = errorOf(replies[i]!)
    if (reply !== undefined && (vital !== undefined || NOT_WELCOME.test(reply)))
      return { command: vital ?? 'connect', reply }
  }
  return undefined
}
