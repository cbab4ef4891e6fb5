import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { ConfigError } from '../../config/config.js'
import { BackupReader, NoBackup } from '../../events/backup.js'
import { linesOf } from '../../events/lines.js'
import { LogUnavailable, type VerifyReport } from '../../events/log.js'
import type { LogRestore } from '../../events/restore.js'
import { addApiCommand, addCommand, runAgainstApi, type ApiFlags } from './command.js'
import { count } from './figures.js'
import { openRestore, withLogOptions } from './restore.js'
import { harmless, type Terminal } from './terminal.js'

interface CheckFlags {
  readonly anchor?: string
  readonly json?: boolean
}

/** `slotwise events backup`, `verify` and `restore` */
export function addBackupCommands(events: Command, terminal: Terminal): void {
  addApiCommand(
    events,
    'backup',
    'copy the event log of a running serve to a file and check the copy; needs a token with the scope admin',
  )
    .requiredOption('--to <file>', 'file to write; one that ends in .gz is compressed (required)')
    .action(async ({ to, json }: ApiFlags & { to: string }, command: Command) =>
      runAgainstApi(command, terminal, async (client) => {
        const reader = new BackupReader()
        return tell(terminal, `backup ${to}`, json, () =>
          save(client.lines('backupEvents'), to, reader, terminal),
        )
      }),
    )
  addCommand(events, 'verify <file>', 'check every chain in a backup; exit 1 when something does not fit')
    .option('--anchor <hash>', 'hash of a digest that must be in it')
    .action(async (file: string, { anchor, json }: CheckFlags) => {
      const reader = new BackupReader(anchor)
      const code = await tell(terminal, `backup ${file}`, json, async () => {
        for await (const line of shown(linesIn(file), reader, terminal)) reader.take(line)
        return reader.report()
      })
      terminal.exit(code)
    })
  addRestoreCommand(events, terminal)
}

interface RestoreFlags extends CheckFlags {
  readonly to?: string
  readonly 'events.url'?: string
}

function addRestoreCommand(events: Command, terminal: Terminal): void {
  const restore = addCommand(
    events,
    'restore <file>',
    'make a new event log of a backup, once all of it is found in order',
  )
    .option('--to <file>', 'SQLite file to make; as --events.url=file:FILE')
    .option('--events.url <url>', 'log to make: file:PATH, or redis://host:port/db (rediss:// for TLS)')
    .option('--anchor <hash>', 'hash of a digest that must be in it')
  withLogOptions(restore).action(
    async (file: string, { to, anchor, json, ...flags }: RestoreFlags, command: Command) => {
      const urls = [flags['events.url'], to && `file:${to.replace(/^file:/, '')}`].filter((url) => !!url)
      const [url] = urls
      if (url === undefined || urls.length > 1)
        command.error('error: where to? give --to or --events.url', { exitCode: 2 })
      const reader = new BackupReader(anchor)
      const code = await tell(terminal, `event log ${shownUrl(url)}`, json, async () =>
        restoreInto(await openRestore(url, command, terminal), linesIn(file), reader, terminal),
      )
      terminal.exit(code)
    },
  )
}

/** Without what may be a password. */
function shownUrl(url: string): string {
  return url.replace(/^file:/, '').replace(/\/\/.*@/s, '//')
}

/** A copy that breaks off leaves nothing; what was read whole is kept, in order or not. */
async function save(
  lines: AsyncIterable<string>,
  to: string,
  reader: BackupReader,
  terminal: Terminal,
): Promise<VerifyReport> {
  if (existsSync(to)) throw new FileProblem(`backup ${to}: there is a file already; give another name`)
  const part = `${to}.part`
  // What is there was left by one that was killed, or put there so that the copy goes where somebody else reads it.
  rmSync(part, { force: true })
  const read = async function* () {
    for await (const line of shown(lines, reader, terminal)) {
      reader.take(line)
      yield `${line}\n`
    }
  }
  try {
    const file = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true })
    if (to.endsWith('.gz')) await pipeline(read, createGzip(), file)
    else await pipeline(read, file)
    if (!reader.isWhole) throw new NoBackup(`it broke off after ${reader.events} events; try again`)
    renameSync(part, to)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
  return reader.report()
}

async function restoreInto(
  log: LogRestore,
  lines: AsyncIterable<string>,
  reader: BackupReader,
  terminal: Terminal,
): Promise<VerifyReport> {
  try {
    for await (const line of shown(lines, reader, terminal)) {
      const taken = reader.take(line)
      if ('head' in taken) log.begin(reader.cut)
      // What is out of place is read on, to tell all that is wrong, and not written.
      if (!reader.isInOrder) continue
      if ('row' in taken) await log.event(taken.row)
      if ('snapshot' in taken) await log.snapshot(taken.snapshot)
    }
    const report = reader.report()
    // Behind every token that was ever given: each new owner adds one, and none comes every millisecond.
    if (report.ok) await log.finish(Date.now())
    else await log.abandon()
    return report
  } catch (error) {
    await log.abandon()
    throw error
  }
}

class FileProblem extends Error {}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  Z_BUF: 'it is cut off in the middle; copy it again, or make another backup',
  Z_: 'it ends in .gz and is not compressed so, or is damaged',
}

async function* linesIn(file: string): AsyncGenerator<string, void, undefined> {
  const read = createReadStream(file)
  const text = file.endsWith('.gz') ? read.pipe(createGunzip()) : read
  read.on('error', (error) => text.destroy(error))
  try {
    yield* linesOf(text.setEncoding('utf8') as AsyncIterable<string>)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const known = Object.entries(READ_PROBLEMS).find(([prefix]) => code.startsWith(prefix))?.[1]
    if (known === undefined) throw error
    throw new FileProblem(`backup ${file}: ${known}`)
  }
}

/** The same lines; a bar shows how far they are where somebody looks. */
async function* shown(
  lines: AsyncIterable<string>,
  reader: BackupReader,
  { progress }: Terminal,
): AsyncGenerator<string, void, undefined> {
  const bar =
    progress &&
    new SingleBar(
      { stream: progress, hideCursor: true, fps: 10, format: '[{bar}] {value} of {total} events' },
      Presets.legacy,
    )
  try {
    for await (const line of lines) {
      if (reader.events === 0) bar?.start(reader.head?.events ?? 0, 0)
      else bar?.update(reader.events)
      yield line
    }
  } finally {
    bar?.stop()
  }
}

/** Says how it went. @returns the exit code */
async function tell(
  terminal: Terminal,
  what: string,
  json: boolean | undefined,
  act: () => Promise<VerifyReport>,
): Promise<number> {
  try {
    const report = await act()
    if (json) terminal.print(JSON.stringify(report, null, 2))
    else if (report.ok) {
      terminal.print(
        `${what}: ${count(report.events)} events in ${count(report.streams)} streams, in order\n${anchorOf(report)}`,
      )
      for (const line of report.unproven) terminal.note(harmless(`not proved: ${line}`))
    } else for (const line of [`${what}: not in order`, ...report.problems]) terminal.note(harmless(line))
    return report.ok ? 0 : 1
  } catch (error) {
    if (!isExpected(error)) throw error
    const { message } = error
    terminal.note(harmless(`slotwise: ${message.startsWith(what) ? '' : `${what}: `}${message}`))
    return error instanceof ConfigError ? 2 : 1
  }
}

const anchorOf = ({ anchor }: VerifyReport) =>
  anchor === '' ? 'no anchor: it has no digest' : `anchor ${anchor}`

/** What a file can do to one who reads or writes it. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof NoBackup ||
    error instanceof FileProblem ||
    error instanceof LogUnavailable ||
    error instanceof RangeError ||
    error instanceof ConfigError ||
    (error instanceof Error && 'syscall' in error)
  )
}
