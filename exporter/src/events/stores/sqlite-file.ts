import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { check, migrate, UnusableFile } from './sqlite-schema.js'

/** More than what a thousand events fill. */
const FREE_PAGES = 2000
/** How much is in the WAL, 4 KiB each, before it is written to the file as well: appends wait for that. */
const WAL_PAGES = 4000
/** A directory that was changed longer ago than any file system's clock ticks apart shows the next change. */
const SETTLED_MS = 2000

/**
 * The file of a SQLite log, for the one thread that has it, with its lock. All methods are synchronous. Errors are
 * those of the driver; `explain` makes them fit for people.
 */
export class SqliteFile {
  readonly #db: Database.Database
  /** Where it is, without symbolic links: there its WAL is, too. */
  readonly #path: string
  /** Inodes of the file and its WAL. */
  readonly #inodes: readonly (number | undefined)[]
  /** The directory in which both were found last. */
  #directory = ''
  readonly #statements = new Map<string, Database.Statement>()

  /** Opens or creates the file and takes its lock. */
  constructor(path: string) {
    makeFile(path)
    this.#path = realpathSync(path)
    this.#db = new Database(path)
    try {
      // With this lock held, no other process can open the file; the kernel frees it when this one ends.
      this.#db.pragma('locking_mode = EXCLUSIVE')
      // Pages that a trim frees go back to the disk. Only a file in which there is nothing yet takes this.
      this.#db.pragma('auto_vacuum = INCREMENTAL')
      check(this.#db)
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
      this.#db.pragma('journal_mode = WAL')
      this.#db.pragma('synchronous = FULL')
      this.#db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`)
      migrate(this.#db)
      this.#inodes = this.#files().map((file) => file?.ino)
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** Of the file and its WAL. */
  get bytes(): number {
    return this.#files().reduce((sum, file) => sum + (file?.size ?? 0), 0)
  }

  /** Does the work in one transaction, which is durable when this returns. */
  transaction<T>(work: () => T): T {
    this.#mustBeInPlace()
    this.begin()
    try {
      const result = work()
      this.commit()
      return result
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  /** Begins a transaction whose work takes several turns. Nothing of it is there until `commit`. */
  begin(): void {
    this.#db.exec('BEGIN IMMEDIATE')
  }

  commit(): void {
    this.#db.exec('COMMIT')
  }

  /** Always to the last row: a statement that is left halfway would keep a transaction open. */
  query<Row>(sql: string, ...parameters: unknown[]): Row[] {
    return this.#prepare(sql).all(parameters) as Row[]
  }

  /** Does what answers no rows. */
  run(sql: string, ...parameters: unknown[]): void {
    this.runAll(sql, parameters)
  }

  /** The same with many parameters. */
  runAll(sql: string, parameters: readonly unknown[]): void {
    this.#prepare(sql).run(parameters)
  }

  /** Gives pages that are free back to the disk: a moment's work. Says whether more of them can go. */
  giveBack(): boolean {
    const before = this.#freePages
    this.#db.pragma(`incremental_vacuum(${FREE_PAGES})`)
    const left = this.#freePages
    return left > 0 && left < before
  }

  /** Brings all of the WAL into the file, and empties it. */
  checkpoint(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)')
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }

  get #freePages(): number {
    const [row] = this.#db.pragma('freelist_count') as { freelist_count: number }[]
    return row!.freelist_count
  }

  /**
   * SQLite would go on writing to a file that no longer has a name, and nobody would ever read that. The directory alone
   * is looked at while nothing changes in it: Linux (6.13 and later) writes the times of a file that was looked at to the
   * disk with the next commit, which then takes half as long again.
   */
  #mustBeInPlace(): void {
    const found = statSync(dirname(this.#path), { throwIfNoEntry: false })
    const directory = `${found?.dev} ${found?.ino} ${found?.mtimeMs}`
    if (directory === this.#directory) return
    if (this.#files().some((file, i) => file?.ino !== this.#inodes[i]))
      throw new UnusableFile(
        'or its -wal was moved, deleted or replaced while it was open; put both back, or restart with what is there now',
      )
    if (Math.abs(Date.now() - (found?.mtimeMs ?? NaN)) > SETTLED_MS) this.#directory = directory
  }

  #files() {
    return [this.#path, `${this.#path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false }))
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/**
 * Makes the file and its directory if they are missing, for this user alone. A file that is there is never opened
 * here: closing it again would drop the lock that this process may hold on it.
 */
function makeFile(path: string): void {
  makeFolder(dirname(path))
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Not `recursive`: on a file system that makes no folders and says ENOENT (/proc, automounts) Node tries for ever. */
function makeFolder(path: string, isLast = false): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || isLast) throw error
    makeFolder(dirname(path))
    makeFolder(path, true)
  }
}
