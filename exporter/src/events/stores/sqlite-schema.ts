import type Database from 'libsql'

/** Why a file cannot be used, and what to do: completes the sentence that its name begins. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile'
}

/** Positions in a block. Only a step of the migrations can change it. */
export const BLOCK = 64

/**
 * The steps from an empty file to the present schema; a file of version n has had the first n. Only ever append.
 *
 * `events` holds the log; a row is never changed, and deleted only when it is trimmed. Positions are numbered in the
 * order of the commits. `leases` and `snapshots` stand beside it: a lease stays when it is free, for its token.
 * `blocks` tells of each type and each family (the part of a stream up to its slash, the slash included) in which blocks
 * of positions it stands, so that a page of a filtered read costs at most a block for each event it shows.
 */
const migrations: readonly string[] = [
  `CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,
    data TEXT NOT NULL,
    previoushash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (stream, version)
  ) STRICT;
  CREATE INDEX events_by_stream ON events (stream);
  CREATE INDEX events_by_type ON events (type);
  CREATE INDEX events_by_family ON events (substr(stream, 1, instr(stream, '/')));`,
  `CREATE TABLE leases (
    lease TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    token INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE snapshots (
    fold TEXT PRIMARY KEY,
    format INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT;`,
  // Versions of a stream are in the order of their positions, so that the one of (stream, version) does for both.
  'DROP INDEX events_by_stream;',
  `CREATE TABLE blocks (
    facet TEXT NOT NULL,
    block INTEGER NOT NULL,
    PRIMARY KEY (facet, block)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO blocks
    SELECT type, position / ${BLOCK} FROM events
    UNION SELECT substr(stream, 1, instr(stream, '/')), position / ${BLOCK} FROM events WHERE instr(stream, '/') > 0;
  DROP INDEX events_by_type;
  DROP INDEX events_by_family;`,
]

/** The version of the schema that this program writes. */
export const SCHEMA_VERSION = migrations.length

/**
 * Looks whether the file is a log of this program, or empty, and leaves it as it is.
 * @throws UnusableFile when a newer program or another one wrote it
 */
export function check(db: Database.Database): void {
  db.exec('BEGIN EXCLUSIVE')
  versionOf(db)
  db.exec('ROLLBACK')
}

/** Brings the file to the present schema. */
export function migrate(db: Database.Database): void {
  db.exec('BEGIN EXCLUSIVE')
  const version = versionOf(db)
  if (version === 0) db.exec('CREATE TABLE slotwise_schema (version INTEGER NOT NULL) STRICT')
  if (version < SCHEMA_VERSION) {
    for (const step of migrations.slice(version)) db.exec(step)
    db.exec('DELETE FROM slotwise_schema')
    db.exec(`INSERT INTO slotwise_schema VALUES (${SCHEMA_VERSION})`)
  }
  db.exec('COMMIT')
}

/** The version of the file's schema; 0 when it is empty. */
function versionOf(db: Database.Database): number {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]
  if (tables.length === 0) return 0
  if (!tables.some(({ name }) => name === 'slotwise_schema'))
    throw new UnusableFile(
      "is another program's database; give the event log a file of its own (--events.url)",
    )
  const [row] = db.prepare('SELECT version FROM slotwise_schema').all() as { version: number }[]
  if (row === undefined || row.version > SCHEMA_VERSION)
    throw new UnusableFile(
      `was written by a newer Slotwise (its schema is version ${row?.version ?? 'unknown'}, ` +
        `this program knows ${SCHEMA_VERSION}); start that one, or give this one a file of its own (--events.url)`,
    )
  return row.version
}
