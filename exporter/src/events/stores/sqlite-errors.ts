import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UnusableFile } from './sqlite-schema.js'

const readOnly = () =>
  'the file or its file system is read-only for this user; let it own the file and write there'

const noPlace = (path: string) =>
  `it cannot be opened or created; is ${dirname(path)} a directory, may this user write there?`

const HINTS: readonly [code: string, hint: (path: string) => string][] = [
  ['SQLITE_FULL', () => 'the disk is full; free some space there, the log goes on by itself'],
  [
    'SQLITE_IOERR_WRITE',
    () =>
      'the disk does not take what is written (a quota, a limit on the size of files, or a failing disk); the log goes on by itself once it does',
  ],
  ['SQLITE_IOERR', () => 'the disk failed; look for its errors in the messages of the kernel'],
  ['SQLITE_READONLY', readOnly],
  ['EROFS', readOnly],
  ['EACCES', readOnly],
  ['EPERM', readOnly],
  ['ENOSPC', () => 'the disk is full; free some space there'],
  ['SQLITE_CANTOPEN', noPlace],
  ['ENOENT', noPlace],
  ['ENOTDIR', noPlace],
  ['EEXIST', noPlace],
  ['SQLITE_NOTADB', () => 'it is not a SQLite database; give the event log another file (--events.url)'],
  ['SQLITE_CORRUPT', () => 'it is damaged; restore it from a backup, or move it away to start a new log'],
  ['SQLITE_BUSY', inUse],
]

/** Tells what failed with which file, why it probably did, and what to do; one line. */
export function explain(path: string, doing: string, error: unknown): string {
  if (error instanceof UnusableFile) return `event log ${path} ${error.message}`
  const { code, message } = error as NodeJS.ErrnoException
  // The driver gives no code when it cannot open a file, but ends its message with SQLite's number.
  const sqlite = code !== '' ? code : /local database .*: 14"/.test(message) ? 'SQLITE_CANTOPEN' : undefined
  const hint = HINTS.find(([prefix]) => sqlite?.startsWith(prefix))?.[1](path)
  const what = message.split('\n')[0]!
  return `event log ${path}: ${doing} failed: ${hint === undefined ? what : `${hint} (${sqlite!})`}`
}

/** A log serves one process: whoever holds its lock has it, and loses it at his end, however that comes. */
function inUse(path: string): string {
  const pid = holderOf(path)
  const who = pid === undefined ? 'another process' : `process ${pid}`
  return `${who} has it open, and a file serves one process; stop that one, or give this one another file (--events.url)`
}

/** SQLite's locks are on these bytes of the file; https://www.sqlite.org/lockingv3.html */
const LOCK_BYTES = '1073741824 1073742335'

/** The pid that holds SQLite's lock on a file, where the system tells (Linux). */
function holderOf(path: string): number | undefined {
  try {
    const inode = `:${statSync(path).ino} ${LOCK_BYTES}`
    const line = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .find((lock) => lock.endsWith(inode))
    const pid = Number(/ WRITE +(\d+) /.exec(line ?? '')?.[1])
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}
