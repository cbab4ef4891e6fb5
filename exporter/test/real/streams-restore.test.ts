import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backup, BackupReader } from '../../src/events/backup.js'
import { LogRegressed, type EventLog } from '../../src/events/log.js'
import { StreamsRestore } from '../../src/events/stores/redis-streams-restore.js'
import { openStreamsLog } from '../../src/events/stores/redis-streams.js'
import { runCommand } from '../cli.js'
import { failover, frozen, readAll, write } from '../event-log/under-test.js'
import { MemoryLog } from '../memory-log.js'
import {
  makeDocumentedUser,
  optionsFor,
  startStreamsServer,
  STREAMS_ENGINES,
  type StreamsServerUnderTest,
} from '../streams-server.js'

const directory = mkdtempSync(join(tmpdir(), 'slotwise-restore-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'backup.jsonl')
const folds = [{ name: 'health', format: 1 }]

/** A log of 1200 events in 400 streams; the first 60 were trimmed, and a snapshot stands for them. */
async function trimmedLog(): Promise<MemoryLog> {
  const log = new MemoryLog({ now: () => new Date('2026-06-01T00:00:00Z') })
  const old = { ...failover('old'), time: '2026-01-01T00:00:00Z' }
  for (let n = 0; n < 60; n++) await log.append([{ stream: `cluster/old-${n % 7}`, events: [old] }])
  await log.saveSnapshot('health', 1, { position: await log.head(), state: { a: ['zwölf', null] } })
  for (let n = 0; n < 400; n++) await write(log, `cluster/c-${n}`, 3)
  await log.append([{ stream: 'control', events: [frozen('a\nb "zwölf 🎉"')] }])
  expect((await log.trim('2026-02-01T00:00:00Z')).events).toBe(60)
  return log
}

let log: EventLog
let anchor: string
beforeAll(async () => {
  log = await trimmedLog()
  let text = ''
  for await (const lines of backup(log, folds, () => new Date())) text += lines
  writeFileSync(file, text)
  anchor = (await log.stats()).lastDigest
})

describe.each(STREAMS_ENGINES)('a backup restored into streams of %s', (_, server) => {
  let under: StreamsServerUnderTest
  beforeAll(async () => {
    under = await startStreamsServer({ server })
  })
  afterAll(() => under.remove())
  beforeEach(() => under.node.cli('FLUSHALL'))

  const restore = (args: readonly string[] = [], from = file) =>
    runCommand(
      { url: '', tokens: {} },
      ['events', 'restore', from, '--events.url', `redis://${under.node.address}`, ...args],
      { env: {} },
    )
  const open = () => openStreamsLog(optionsFor(under.node))

  it('is the log that it was, and goes on', async () => {
    const { code, out, err } = await restore(['--anchor', anchor])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`anchor ${anchor}`)
    const restored = await open()
    expect(await readAll(restored)).toEqual(await readAll(log))
    expect(await restored.readStream('cluster/c-7')).toEqual(await log.readStream('cluster/c-7'))
    expect(await restored.loadSnapshot('health', 1)).toEqual(await log.loadSnapshot('health', 1))
    await restored.append([{ stream: 'cluster/c-7', events: [failover(4)] }])
    // A stream of which everything was trimmed goes on at its version, too.
    const [next] = await restored.append([{ stream: 'cluster/old-3', events: [failover(1)] }])
    expect(next!.streamversion).toBe(10)
    await restored.digest()
    expect(await restored.verify(anchor)).toMatchObject({ ok: true, problems: [] })
    expect((await restored.acquire('operation/1', 'me', 60_000)).token).toBeGreaterThan(Date.now() - 3600_000)
    await restored.close()
  })

  it('is refused where there is a log, which stays as it is', async () => {
    const there = await open()
    await there.append([{ stream: 'cluster/a', events: [failover(1)] }])
    expect(await restore()).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is a log already') as string,
    })
    expect(await there.verify()).toMatchObject({ ok: true, events: 1 })
    await there.close()
  })

  it.each<[what: string, change: (lines: string[]) => string[], said: RegExp]>([
    ['was changed', (all) => all.map((line) => line.replace('zwölf 🎉', 'elf')), /does not fit its hash/],
    [
      'has a snapshot that was changed',
      (all) => all.map((line) => line.replace('"state":{"a":["zwölf"', '"state":{"a":["elf"')),
      /no digest tells the snapshot of health as it is here: it was changed/,
    ],
    ['lacks its snapshot', (all) => all.toSpliced(1, 1), /tells a snapshot of health, here is none/],
    ['lacks its end', (all) => all.slice(0, -1), /its end is missing/],
    ['lacks an event', (all) => all.toSpliced(700, 1), /events were moved, put in or taken out/],
    ['has something else in it', (all) => all.toSpliced(700, 0, '{"id":1}'), /its event 699 is none/],
  ])('that %s leaves nothing behind', async (_, change, said) => {
    const changed = join(directory, 'changed.jsonl')
    writeFileSync(changed, `${change(readFileSync(file, 'utf8').trimEnd().split('\n')).join('\n')}\n`)
    expect(await restore([], changed)).toMatchObject({
      code: 1,
      err: expect.stringMatching(said) as string,
    })
    expect((await under.node.cli('DBSIZE')).trim()).toBe('0')
  })

  it('that an older version made, without proof of its snapshot, is taken, and that is said', async () => {
    const older = join(directory, 'older.jsonl')
    const before = await trimmedLog()
    before.unavailable = 'no digest'
    let text = ''
    for await (const lines of backup(before, folds, () => new Date())) text += lines
    writeFileSync(older, text)
    const { code, err } = await restore([], older)
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^not proved: no digest tells the snapshots \(health\)/) as string,
    })
    const restored = await open()
    expect(await restored.loadSnapshot('health', 1)).toEqual(await log.loadSnapshot('health', 1))
    expect(await restored.verify()).toMatchObject({
      ok: true,
      unproven: [expect.stringContaining('no digest') as string],
    })
    await restored.digest()
    expect(await restored.verify()).toMatchObject({ ok: true, unproven: [] })
    await restored.close()
  })

  it('that breaks off is no log for anybody', async () => {
    const broken = await StreamsRestore.open(optionsFor(under.node))
    const reader = new BackupReader()
    for (const line of readFileSync(file, 'utf8').split('\n').slice(0, 800)) {
      const taken = reader.take(line)
      if ('head' in taken) broken.begin(reader.cut)
      if ('row' in taken) await broken.event(taken.row)
    }
    await expect(open()).rejects.toThrow('a backup is being restored there')
    expect(await restore()).toMatchObject({
      code: 1,
      err: expect.stringContaining('another restore is at work there, or one broke off') as string,
    })
    await broken.abandon()
    expect((await under.node.cli('DBSIZE')).trim()).toBe('0')
  })

  it('is another log for a process that knew the one before', async () => {
    const before = await open()
    await before.append([{ stream: 'cluster/a', events: [failover(1)] }])
    await under.node.cli('FLUSHALL')
    expect((await restore()).code).toBe(0)
    const late = before.append([{ stream: 'cluster/a', events: [failover(2)] }])
    await expect(late).rejects.toThrow(LogRegressed)
    await before.close()
  })

  it('needs no more than the user of docs/security.md may', async () => {
    await makeDocumentedUser(under.node)
    const { code, err } = await runCommand(
      { url: '', tokens: {} },
      ['events', 'restore', file, '--events.url', `redis://slotwise-log@${under.node.address}/0`],
      { env: { SLOTWISE_EVENTS_PASSWORD: 'PASSWORD' } },
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(await under.node.cli('ACL', 'LOG')).toBe('')
  })
})
