import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { TOKEN_PREFIX, tokensFile, type Scope, type TokenEntry } from '../../contract/tokens.js'
import { redact } from './problem.js'

/** What is wrong with the tokens file and where. */
export class TokensFileError extends Error {
  override readonly name = 'TokensFileError'
}

/** Who asks: a checked token, or anybody where there is no tokens file. */
export interface Principal {
  readonly id: string
  readonly scopes: ReadonlySet<Scope>
  /** Absent: all. */
  readonly clusters?: ReadonlySet<string>
  readonly keyPrefixes?: readonly string[]
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly delegated: boolean
  /** Everything that its entry said, to see whether it still says so. */
  readonly entry: string
}

export type Authentication =
  { readonly principal: Principal } | { readonly principal?: undefined; readonly expired?: string }

export interface TokenStoreOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onWarning: (message: string) => void
}

const LONGEST_TOKEN = 256

/** A new token and the hash by which the tokens file knows it. */
export function makeToken(): { token: string; hash: string } {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url')
  return { token, hash: hashOf(token).toString('hex') }
}

/**
 * Reads the text of a tokens file.
 * @throws TokensFileError names the place and what is wrong; quotes no value
 */
export function parseTokens(path: string, text: string): TokenEntry[] {
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    throw new TokensFileError(`${path}: ${redact((error as Error).message.split('\n')[0]!)}`)
  }
  const checked = tokensFile.safeParse(content ?? { tokens: [] })
  if (checked.success) return checked.data.tokens
  const { path: place, message } = checked.error.issues[0]!
  throw new TokensFileError(redact(`${path}: ${place.length > 0 ? `${place.join('.')}: ` : ''}${message}`))
}

/** The tokens of a file, read again when it changes. A file that breaks later keeps the tokens it had. */
export class TokenStore {
  #principals: readonly (readonly [hash: Buffer, principal: Principal])[]
  #signature: string
  #lastProblem = ''

  /** @throws TokensFileError */
  constructor(
    private readonly path: string,
    private readonly options: TokenStoreOptions,
  ) {
    this.#signature = signatureOf(path)
    this.#principals = principalsOf(path, readFileSync(path, 'utf8'))
  }

  /** Who presents this token. Compares in constant time, with every token. */
  authenticate(token: string): Authentication {
    this.#refresh()
    if (token.length > LONGEST_TOKEN) return {}
    const presented = hashOf(token)
    let found: Principal | undefined
    for (const [hash, principal] of this.#principals) if (timingSafeEqual(hash, presented)) found = principal
    if (!found) return {}
    return this.#expired(found) ? { expired: found.id } : { principal: found }
  }

  /** Whether what was authenticated earlier still holds: for answers that last. */
  holds(principal: Principal): boolean {
    this.#refresh()
    return !this.#expired(principal) && this.#principals.some(([, { entry }]) => entry === principal.entry)
  }

  #expired({ expiresAt }: Principal): boolean {
    return expiresAt !== undefined && this.options.clock() >= expiresAt
  }

  #refresh(): void {
    try {
      const signature = signatureOf(this.path)
      if (signature === this.#signature) return
      // A file that cannot be read just now (too many are open, say) is tried again; one that is wrong stays so.
      const text = readFileSync(this.path, 'utf8')
      this.#signature = signature
      this.#principals = principalsOf(this.path, text)
    } catch (error) {
      const problem = (error as Error).message
      if (problem === this.#lastProblem) return
      this.#lastProblem = problem
      this.options.onWarning(`tokens file: ${problem}; the tokens read before stay valid`)
      return
    }
    this.#lastProblem = ''
  }
}

function principalsOf(path: string, text: string): (readonly [Buffer, Principal])[] {
  return parseTokens(path, text).map((entry) => {
    const { id, scopes, clusters, keyPrefixes, expires, delegated } = entry
    const principal: Principal = {
      id,
      scopes: new Set(scopes),
      ...(clusters && { clusters: new Set(clusters) }),
      ...(keyPrefixes && { keyPrefixes }),
      ...(expires !== undefined && { expiresAt: Date.parse(expires) }),
      delegated,
      entry: JSON.stringify(entry),
    }
    return [Buffer.from(entry.hash, 'hex'), principal] as const
  })
}

/** Changes whenever the file is written or replaced. */
function signatureOf(path: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
    return [mtimeNs, ctimeNs, size, ino].join(':')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new TokensFileError(
      `cannot read ${path}: ${code === 'ENOENT' ? 'no such file; make it with slotwise token new --file' : (code ?? 'unknown error')}`,
    )
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
