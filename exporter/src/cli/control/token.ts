import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import type { Command } from 'commander'
import { parseDocument, YAMLSeq } from 'yaml'
import { parseDuration } from '../../config/duration.js'
import { SCOPES, tokenEntry } from '../../contract/tokens.js'
import { makeToken, parseTokens, TokensFileError } from '../../http/control/tokens.js'
import { addCommand } from './command.js'
import type { Terminal } from './terminal.js'

interface TokenFlags {
  readonly file: string
  readonly id: string
  readonly scopes: string
  readonly clusters?: string
  readonly keyPrefixes?: string
  readonly expires?: string
  readonly delegated?: boolean
  readonly json?: boolean
}

/** `slotwise token new` */
export function addTokenCommand(program: Command, terminal: Terminal): void {
  const token = program
    .command('token')
    .description('make tokens for the control API')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .action((_, command: Command) =>
      command.error('error: which command? there is: token new', { exitCode: 2 }),
    )
  addCommand(
    token,
    'new',
    'add a token to a tokens file (0600; made if needed) and print it, once; the file has its hash',
  )
    .requiredOption('--file <file>', 'the tokens file (required)')
    .requiredOption('--id <id>', 'its name in events (required)')
    .requiredOption('--scopes <list>', `by comma: ${SCOPES.join(', ')} (required)`)
    .option('--clusters <list>', 'it sees only these (default: all)')
    .option('--key-prefixes <list>', 'it may touch only keys that start so; not with policy or topology')
    .option('--expires <duration>', 'not valid after this time, e.g. 90d (default: valid until removed)')
    .option('--delegated', "may carry the login of Grafana's user")
    .action((flags: TokenFlags, command: Command) => {
      const secret = makeToken()
      const entry = entryOf(flags, secret.hash, (problem) =>
        command.error(`error: ${problem}`, { exitCode: 2 }),
      )
      try {
        addToTokensFile(flags.file, entry)
      } catch (error) {
        if (!(error instanceof TokensFileError)) throw error
        terminal.note(`slotwise: ${error.message}`)
        terminal.exit(1)
        return
      }
      terminal.print(flags.json ? JSON.stringify({ id: flags.id, token: secret.token }) : secret.token)
      terminal.note(`added ${flags.id} to ${flags.file}; the token is shown this once`)
      terminal.exit(0)
    })
}

type Entry = Record<string, unknown> & { readonly id: string }

function entryOf(flags: TokenFlags, hash: string, fail: (problem: string) => never): Entry {
  const { id, clusters, keyPrefixes, expires, delegated } = flags
  const entry: Entry = {
    id,
    hash,
    scopes: listed(flags.scopes),
    ...(clusters !== undefined && { clusters: listed(clusters) }),
    ...(keyPrefixes !== undefined && { keyPrefixes: listed(keyPrefixes) }),
    ...(expires !== undefined && { expires: expiryOf(expires, fail) }),
    ...(delegated && { delegated }),
  }
  const checked = tokenEntry.safeParse(entry)
  if (checked.success) return entry
  const { path, message } = checked.error.issues[0]!
  const flag = String(path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return fail(`--${flag}: ${message}`)
}

function expiryOf(text: string, fail: (problem: string) => never): string {
  const ms = parseDuration(text)
  const at = new Date(Date.now() + (ms ?? NaN))
  if (ms === undefined || ms === 0 || Number.isNaN(at.getTime()))
    fail(`--expires: '${text}' is no duration such as 90d or 12h`)
  return at.toISOString()
}

function listed(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

/**
 * Adds an entry to a tokens file and keeps all else in it, comments too. Whoever reads the file sees it whole, before
 * or after.
 * @throws TokensFileError when the id is there, the file is broken, or it cannot be written
 */
export function addToTokensFile(path: string, entry: Entry): void {
  const file = existsSync(path) ? realpathSync(path) : path
  const draft = `${file}.new`
  // Made exclusively: two that add at the same time do not lose each other's token.
  const handle = attempt(`cannot write ${draft}`, () => openSync(draft, 'wx', 0o600))
  try {
    const text = existsSync(file) ? attempt(`cannot read ${file}`, () => readFileSync(file, 'utf8')) : ''
    if (parseTokens(file, text).some(({ id }) => id === entry.id))
      throw new TokensFileError(
        `${file}: there is a token with the id ${entry.id}; choose another id or remove that one`,
      )
    const document = parseDocument(text.trim() === '' ? 'tokens: []\n' : text)
    if (!document.has('tokens')) document.set('tokens', new YAMLSeq())
    const tokens = document.get('tokens') as YAMLSeq
    tokens.flow = false
    tokens.add(document.createNode(entry))
    attempt(`cannot write ${draft}`, () => {
      writeSync(handle, document.toString())
      fsyncSync(handle)
      renameSync(draft, file)
    })
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'EEXIST'
        ? 'it is there; another slotwise token new is at work, or was interrupted: then remove it'
        : code === 'ENOENT'
          ? 'no such folder'
          : (code ?? 'unknown error')
    throw new TokensFileError(`${what}: ${why}`)
  }
}
