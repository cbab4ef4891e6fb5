import { urlOf, type Endpoint } from '../redis/endpoint.js'

/** What redis_exporter's password file holds: `redis://[user@]host:port`, with `*` for any text, and the password. */
export type Passwords = ReadonlyMap<string, string>

/** The password of an endpoint: that of its user, else that of its address; an empty one is none. */
export function passwordFor(endpoint: Endpoint, passwords: Passwords): string | undefined {
  return entryFor(withUser(endpoint), passwords) ?? entryFor(urlOf(endpoint), passwords)
}

/** Whether there is a password for exactly this user at this address. */
export function knowsUser(endpoint: Endpoint, passwords: Passwords): boolean {
  return endpoint.username !== undefined && entryFor(withUser(endpoint), passwords) !== undefined
}

function withUser(endpoint: Endpoint): string {
  const url = urlOf(endpoint)
  return endpoint.username === undefined ? url : url.replace('://', () => `://${endpoint.username}@`)
}

/** What names the URL itself comes first. A star stands for no user: whoever asks could name any. */
function entryFor(url: string, passwords: Passwords): string | undefined {
  const exact = passwords.get(url)
  if (exact !== undefined) return exact
  for (const [pattern, password] of passwords) {
    const pieces = pattern.split('*').map((piece) => piece.replace(/[^\w]/g, '\\$&'))
    if (pieces.length > 1 && new RegExp(`^${pieces.join('[^@]*')}$`).test(url)) return password
  }
  return undefined
}
