import { existsSync, rmSync } from 'node:fs'
import type { FoldSnapshot } from '../backup.js'
import type { EventRow } from '../chain.js'
import { LogUnavailable } from '../log.js'
import type { LogRestore } from '../restore.js'
import { SqliteBlocks } from './sqlite-blocks.js'
import { explain } from './sqlite-errors.js'
import { SqliteFile } from './sqlite-file.js'
import { insertRun } from './sqlite-insert.js'
import { FLOOR } from './sqlite-leases.js'
import { SqliteSnapshots } from './sqlite-snapshots.js'

/** Takes the events of a backup into a new file. Nothing is there before `finish`, whatever ends this program. */
export class SqliteRestore implements LogRestore {
  readonly #file: SqliteFile
  readonly #blocks: SqliteBlocks

  /** @throws LogUnavailable when there is a file already, or none can be made */
  constructor(private readonly path: string) {
    if (existsSync(path) || existsSync(`${path}-wal`))
      throw new LogUnavailable(`event log ${path}: there is a file already; move it and its -wal away first`)
    this.#file = this.#try('making it', () => new SqliteFile(path))
    this.#blocks = new SqliteBlocks(this.#file)
    this.#try('making it', () => this.#file.begin())
  }

  /** The event that tells the cut tells this store where it begins. */
  begin(): void {
    return
  }

  event({ id, data, hash, position, ...of }: EventRow): void {
    const run = { ...of, values: [id, data, hash] }
    this.#try('writing', () => insertRun(this.#file, this.#blocks, run, Number(position)))
  }

  snapshot({ fold, format, position, state }: FoldSnapshot): void {
    const row = { position: Number(position), state: JSON.stringify(state) }
    this.#try('writing', () => new SqliteSnapshots(this.#file).put(fold, format, row))
  }

  finish(floor: number): void {
    this.#try('writing', () => {
      this.#file.run("INSERT INTO leases VALUES (?, '', ?)", FLOOR, floor)
      this.#file.commit()
    })
    this.#file.close()
  }

  abandon(): void {
    this.#file.close()
    for (const file of [this.path, `${this.path}-wal`]) rmSync(file, { force: true })
  }

  #try<T>(doing: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new LogUnavailable(explain(this.path, doing, error))
    }
  }
}
