import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import Database from 'libsql'
import { afterAll, describe, expect, it } from 'vitest'
import { until } from '../../../stack/src/until.js'
import type { StoredEvent } from '../../src/contract/events.js'
import type { EventRow } from '../../src/events/chain.js'
import { LogUnavailable, type EventLog, type Page, type VerifyReport } from '../../src/events/log.js'
import { openSqliteLog } from '../../src/events/stores/sqlite.js'
import { describeLogKeeping } from '../event-log-keeping-suite.js'
import { describeEventLog } from '../event-log-suite.js'
import { failover, readAll, type LogUnderTest } from '../event-log/under-test.js'
import { startSqliteChild, type SqliteChild } from '../sqlite-child.js'

const COLUMNS = [
  'position',
  'stream',
  'version',
  'id',
  'source',
  'type',
  'time',
  'data',
  'previoushash',
  'hash',
]

async function openForTest(): Promise<LogUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-log-'))
  const options = { path: join(dir, 'slotwise.db'), source: 'slotwise/test' }
  const first = await openSqliteLog(options)
  let log = first
  return {
    log: first,
    async reopen(change, states) {
      await log.close()
      if (change) rewrite(options.path, change)
      if (states) putStates(options.path, states)
      log = await openSqliteLog(options)
      return log
    },
    async remove() {
      await log.close()
      rmSync(dir, { recursive: true })
    },
  }
}

describeEventLog('the log in a SQLite file', openForTest)
describeLogKeeping('what a log in a SQLite file keeps', openForTest)

/** What somebody does who has the file and a SQLite shell. */
function rewrite(path: string, change: (rows: EventRow[]) => EventRow[]): void {
  const db = new Database(path)
  // Without a WAL no lock outlives the transaction: the driver closes only when its statements are collected.
  db.pragma('journal_mode = DELETE')
  const rows = db.prepare('SELECT * FROM events ORDER BY position').all() as EventRow[]
  db.exec('BEGIN; DELETE FROM events')
  const insert = db.prepare(`INSERT INTO events VALUES (${COLUMNS.map(() => '?').join(', ')})`)
  for (const row of change(rows)) insert.run(COLUMNS.map((column) => row[column as keyof EventRow]))
  db.exec('COMMIT')
  db.close()
}

/** The same of its snapshots. */
function putStates(path: string, states: Readonly<Record<string, unknown>>): void {
  const db = new Database(path)
  db.pragma('journal_mode = DELETE')
  for (const [fold, state] of Object.entries(states))
    if (state === undefined) db.prepare('DELETE FROM snapshots WHERE fold = ?').run(fold)
    else db.prepare('UPDATE snapshots SET state = ? WHERE fold = ?').run(JSON.stringify(state), fold)
  db.close()
}

describe('a SQLite log and its file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-log-'))
  const source = 'slotwise/test'
  const children: SqliteChild[] = []
  const open: EventLog[] = []
  afterAll(async () => {
    for (const child of children) await child.kill()
    for (const log of open) await log.close()
    rmSync(dir, { recursive: true })
  })

  const openHere = async (path: string) => {
    const log = await openSqliteLog({ path, source })
    open.push(log)
    return log
  }
  const start = (...args: Parameters<typeof startSqliteChild>) => {
    const child = startSqliteChild(...args)
    children.push(child)
    return child
  }

  it('makes the directory and the files, for this user alone', async () => {
    const path = join(dir, 'new', 'deeper', 'slotwise.db')
    const log = await openHere(path)
    await log.append([{ stream: 'cluster/a', events: [failover(1)] }])
    expect(statSync(join(dir, 'new', 'deeper')).mode & 0o777).toBe(0o700)
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await log.stats()).bytes).toBe(statSync(path).size + statSync(`${path}-wal`).size)
  })

  it('serves one process; a second one is told the file and who has it, until that one is killed', async () => {
    const path = join(dir, 'two.db')
    const [holder, other] = [start(), start()]
    await holder.call('open', path)
    const who = existsSync('/proc/locks') ? `process ${holder.pid}` : 'another process'
    const line = `event log ${path}: opening it failed: ${who} has it open, and a file serves one process; `
    const refused = openHere(path)
    await expect(refused).rejects.toThrow(LogUnavailable)
    await expect(refused).rejects.toThrow(line)
    await expect(other.call('open', path)).rejects.toThrow(line)
    await holder.call('append', [{ stream: 'cluster/a', events: [failover(1)] }])
    await holder.kill()
    const log = await openHere(path)
    // A second one in the same process must not cost the first its lock.
    await expect(openHere(path)).rejects.toThrow('has it open')
    await expect(other.call('open', path)).rejects.toThrow('has it open')
    expect(await readAll(log)).toHaveLength(1)
    await log.close()
    await other.call('open', path)
  })

  it('brings a file of the first schema to the present one, and goes on in it', async () => {
    const path = join(dir, 'schema-1.db')
    copyFileSync(new URL('../fixtures/log-schema-1.sqlite', import.meta.url), path)
    const log = await openHere(path)
    const anchor = '52b966e6fffb30a544c9f7d8317e1a328e616ffbfe28eb5817aedcb3350648be'
    expect(await log.verify(anchor)).toMatchObject({ ok: true, events: 6, streams: 3 })
    const { token } = await log.acquire('watch/demo', 'me', 1000)
    const fence = { lease: 'watch/demo', token }
    await log.append([{ stream: 'cluster/demo', expectedVersion: 4, events: [failover(5)] }], fence)
    await log.saveSnapshot('health', 1, { position: await log.head(), state: {} })
    await log.close()
    expect(await (await openHere(path)).verify(anchor)).toMatchObject({ ok: true, events: 7 })
  })

  it('has everything that was answered after kill -9, nothing half, and goes on, ten times', async () => {
    const path = join(dir, 'killed.db')
    const answered: StoredEvent[] = []
    for (let round = 1; round <= 10; round++) {
      const child = start()
      await child.call('open', path)
      await child.call('write', 1 + (round % 4))
      const enough = 1 + Math.floor(Math.random() * 400)
      await until(() => child.appended.length >= enough, {
        timeoutMs: 60_000,
        what: `${enough} events in round ${round}`,
        intervalMs: 1,
      })
      await child.kill()
      answered.push(...child.appended)
      const log = await openHere(path)
      expect(await log.verify()).toMatchObject({ ok: true, problems: [] })
      const all = await readAll(log, 1000)
      const byPosition = new Map(all.map((event) => [event.position, event]))
      expect(answered.filter(({ position, hash }) => byPosition.get(position)?.hash !== hash)).toEqual([])
      // Every append has as many events in the stream that the writers share.
      expect(all.filter(({ subject }) => subject === 'control')).toHaveLength(all.length / 2)
      await log.close()
    }
  })

  it.each<[string, Disk]>(disks())(
    'keeps what it has on %s, says so, and goes on when there is space',
    async (_, disk) => {
      const place = join(dir, 'full')
      mkdirSync(place)
      const child = start(disk.before(place), disk.wrapper)
      const append = (n: number, to = 'x'.repeat(3000)) =>
        child.call<StoredEvent[]>('append', [
          { stream: 'cluster/a', expectedVersion: n, events: [failover(to)] },
          { stream: 'cluster/b', events: [failover(to), failover(to)] },
        ])
      await child.call('open', join(place, 'slotwise.db'))
      await append(0)
      await disk.fill(child, place)
      let answered = 1
      const full = await until(
        () =>
          append(answered).then(
            () => {
              answered++
              return undefined
            },
            (error: unknown) => error as Error,
          ),
        {
          timeoutMs: 60_000,
          what: 'the disk to be full',
          intervalMs: 0,
        },
      )
      expect(full).toMatchObject({ name: 'LogUnavailable' })
      expect(full.message).toMatch(disk.message)
      expect(full.message).toContain(`event log ${place}/slotwise.db: appending failed: `)
      const beside = await Promise.allSettled([append(answered), append(answered), append(answered)])
      expect(beside.every(({ status }) => status === 'rejected')).toBe(true)
      const inOrder = { ok: true, events: 3 * answered, problems: [] }
      expect(await child.call<VerifyReport>('verify')).toMatchObject(inOrder)

      await disk.free(child, place)
      await append(answered)
      expect(await child.call('verify')).toMatchObject({ ok: true, events: 3 * (answered + 1), problems: [] })
      await child.call('close')
      await child.call('open', join(place, 'slotwise.db'))
      expect((await child.call<Page>('read', { stream: 'cluster/a' })).events).toHaveLength(answered + 1)
      await child.kill()
      rmSync(place, { recursive: true })
    },
  )

  it.each([
    ['in a directory that just changed', () => new Date()],
    ['in a directory that was quiet for long', () => new Date(0)],
  ])('appends nothing to a file that was moved away %s, and goes on when it is back', async (_, changed) => {
    const place = mkdtempSync(join(dir, 'moved-'))
    const path = join(place, 'slotwise.db')
    // The log follows the link; its file and WAL are where that leads.
    const linked = join(dir, `${basename(place)}.db`)
    symlinkSync(path, linked)
    writeFileSync(path, '')
    const log = await openHere(linked)
    const append = () => log.append([{ stream: 'cluster/a', events: [failover(1)] }])
    utimesSync(place, changed(), changed())
    await append()
    for (const file of [path, `${path}-wal`]) {
      renameSync(file, `${file}.old`)
      await expect(append()).rejects.toThrow(`event log ${linked} or its -wal was moved, deleted or replaced`)
      await expect(append()).rejects.toThrow(LogUnavailable)
      renameSync(`${file}.old`, file)
      utimesSync(place, changed(), changed())
      await append()
    }
    renameSync(place, `${place}.old`)
    await expect(append()).rejects.toThrow(`event log ${linked} or its -wal was moved, deleted or replaced`)
    renameSync(`${place}.old`, place)
    expect(await append()).toMatchObject([{ streamversion: 4 }])
  })

  it('says where no folder can be made for the file, rather than to try for ever', async () => {
    const path = `/proc/${process.pid}/nosuch/slotwise.db`
    await expect(openHere(path)).rejects.toThrow(/it cannot be opened or created; .* \(ENOENT\)/)
  })

  it.each<[string, RegExp, (path: string) => void]>([
    [
      'of a newer Slotwise',
      /was written by a newer Slotwise \(its schema is version 99, this program knows 4\)/,
      (path) =>
        execSql(
          path,
          'CREATE TABLE slotwise_schema (version INTEGER); INSERT INTO slotwise_schema VALUES (99)',
        ),
    ],
    ['of another program', /is another program's database/, (path) => execSql(path, 'CREATE TABLE t (x)')],
    [
      'that is no database',
      /it is not a SQLite database/,
      (path) => writeFileSync(path, 'notes\n'.repeat(500)),
    ],
    ['that is a directory', /it cannot be opened or created; is .+ a directory/, (path) => mkdirSync(path)],
  ])('refuses a file %s in one line and leaves it alone', async (what, message, make) => {
    const path = join(dir, `${what}.db`)
    make(path)
    const before = statSync(path).isFile() && readFileSync(path)
    const refused = openHere(path)
    await expect(refused).rejects.toThrow(LogUnavailable)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(/^event log [^\n]+$/)
    expect(statSync(path).isFile() && readFileSync(path)).toEqual(before)
  })
})

function execSql(path: string, sql: string): void {
  const db = new Database(path)
  db.exec(sql)
  db.close()
}

/** A way to run out of space. */
interface Disk {
  readonly wrapper?: readonly string[]
  before(place: string): string
  fill(child: SqliteChild, place: string): Promise<void>
  free(child: SqliteChild, place: string): Promise<void>
  readonly message: RegExp
}

/** A limit on the size of files everywhere; a small disk of its own where this user may mount one. */
function disks(): [string, Disk][] {
  const limit: Disk = {
    before: () => 'ulimit -S -f 256',
    fill: () => Promise.resolve(),
    free(child) {
      execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
      return Promise.resolve()
    },
    message: /the disk does not take what is written .*the log goes on by itself once it does/,
  }
  const tmpfs = (wrapper: readonly string[]): Disk => ({
    wrapper,
    before: (place) => `mount -t tmpfs -o size=1m none '${place}'`,
    fill: (child, place) => child.call('fill', join(place, 'ballast')),
    free: (child, place) => child.call('free', join(place, 'ballast')),
    message: /the disk is full; free some space there, the log goes on by itself \(SQLITE_FULL\)/,
  })
  const found = [
    ['unshare', '--mount'],
    ['unshare', '--mount', '--map-root-user'],
  ].find(([command, ...args]) => {
    const mount = ['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', tmpdir()]
    return spawnSync(command!, [...args, ...mount], { stdio: 'ignore' }).status === 0
  })
  return [
    ['a disk with a limit on files', limit],
    ...(found ? [['a full disk', tmpfs(found)] as [string, Disk]] : []),
  ]
}
