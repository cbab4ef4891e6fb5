import { randomUUID } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import type { Worker, WorkerOptions } from 'node:worker_threads'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { chain, NO_HEAD, type ChainedRow } from '../../src/events/chain.js'
import { draftAppends } from '../../src/events/draft.js'
import { LogUnavailable, type EventLog } from '../../src/events/log.js'
import { SqliteGroup } from '../../src/events/stores/sqlite-group.js'
import { SqliteThread } from '../../src/events/stores/sqlite-thread.js'
import { openSqliteLog } from '../../src/events/stores/sqlite.js'
import { failover, readAll } from '../event-log/under-test.js'

const hung = vi.hoisted(() => ({
  workers: [] as Worker[],
  gate: new Int32Array(new SharedArrayBuffer(8)),
}))

vi.mock('node:worker_threads', async (original) => {
  const threads = await original<typeof import('node:worker_threads')>()
  const hungDisk = fileURLToPath(new URL('../hung-disk.cjs', import.meta.url))
  class WorkerWithHungDisk extends threads.Worker {
    constructor(file: URL, options: WorkerOptions = {}) {
      super(file, {
        ...options,
        execArgv: ['--require', hungDisk],
        workerData: { ...(options.workerData as object), gate: hung.gate.buffer },
      })
      hung.workers.push(this)
    }
  }
  return { ...threads, Worker: WorkerWithHungDisk }
})

const hang = () => Atomics.store(hung.gate, 0, 1)
const release = () => {
  Atomics.store(hung.gate, 0, 0)
  Atomics.notify(hung.gate, 0)
}
const commits = () => Atomics.load(hung.gate, 1)
const soon = { timeoutMs: 40_000 }

describe('the thread of the log', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-thread-'))
  let log: EventLog
  let files = 0
  beforeEach(async () => {
    log = await openSqliteLog({ path: join(dir, `${files++}.db`), source: 'slotwise/test' })
    Atomics.store(hung.gate, 1, 0)
  })
  afterEach(async () => {
    release()
    await log.close()
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  const append = (n: number) => log.append([{ stream: `cluster/${n}`, events: [failover(n)] }])

  it('has one commit for all appends of a tick', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, n) => append(n)))
    expect(commits()).toBe(1)
    // Also when the store is known to be quick.
    for (let turn = 1; turn <= 5; turn++) {
      await append(1)
      await Promise.all(Array.from({ length: 100 }, (_, n) => append(n)))
      expect(commits()).toBe(1 + 2 * turn)
    }
  })

  it('leaves the main thread free while its disk hangs, answers only when it is durable, catches up in one commit', async () => {
    hang()
    let answered = 0
    const first = append(0).then(() => answered++)
    await until(() => commits() === 1, { ...soon, what: 'the disk to hang' })
    const others = Array.from({ length: 50 }, (_, n) => append(n + 1).then(() => answered++))
    for (let turn = 0; turn < 20; turn++) await setTimeout(1)
    expect(answered).toBe(0)
    release()
    await Promise.all([first, ...others])
    expect(commits()).toBe(2)
    expect(await log.stats()).toMatchObject({ events: 51 })
  })

  it('refuses appends when too many wait for the disk', async () => {
    hang()
    const waiting = [append(0)]
    await until(() => commits() === 1, { ...soon, what: 'the disk to hang' })
    for (let n = 0; n < 20_000; n++) waiting.push(append(1))
    await expect(append(1)).rejects.toThrow(/20000 appends wait for its store, which does not keep up/)
    release()
    await Promise.all(waiting)
    expect(await append(1)).toMatchObject([{ streamversion: 20_001 }])
  })

  const exitOf = (worker: Worker) => new Promise((resolve) => worker.once('exit', resolve))

  it('costs the appends under way and no more when it is stopped', async () => {
    await append(1)
    const before = await log.head()
    hang()
    const lost = expect(append(2)).rejects
    const message = lost.toThrow(/\.db: the thread that has it ended \(.+\); the next call opens it again/)
    const kind = lost.toThrow(LogUnavailable)
    await until(() => commits() === 2, { ...soon, what: 'the disk to hang' })
    const worker = hung.workers.at(-1)!
    const exited = exitOf(worker)
    await worker.terminate()
    await Promise.all([exited, message, kind])
    release()
    expect(await append(3)).toMatchObject([{ streamversion: 1 }])
    const next = await log.follow(before, AbortSignal.timeout(30_000))[Symbol.asyncIterator]().next()
    expect(next.value).toMatchObject({ subject: 'cluster/3' })
    expect(await log.verify()).toMatchObject({ ok: true, events: 2 })
  })

  it('is begun anew after an error that nobody foresaw', async () => {
    await append(1)
    const worker = hung.workers.at(-1)!
    const exited = exitOf(worker)
    worker.postMessage(null)
    await exited
    await append(2)
    expect(await readAll(log)).toHaveLength(2)
  })

  it('begins no new file where its own is gone when it is begun anew', async () => {
    await append(1)
    const path = join(dir, `${files - 1}.db`)
    const worker = hung.workers.at(-1)!
    const exited = exitOf(worker)
    await worker.terminate()
    await exited
    renameSync(path, `${path}.old`)
    await expect(append(2)).rejects.toThrow(`event log ${path} was moved or deleted; put it back`)
    renameSync(`${path}.old`, path)
    await append(2)
    expect(await readAll(log)).toHaveLength(2)
  })

  describe('with a group in pieces', () => {
    const author = { source: 'slotwise/test', now: () => new Date(), newId: randomUUID }
    /** As the writer of the log gives it to the store. */
    function give(group: SqliteGroup, stream: string, events: number, head = NO_HEAD): ChainedRow[] {
      const drafts = draftAppends([{ stream, events: Array.from({ length: events }, failover) }], author)
      const { rows } = chain(drafts, () => head)
      group.append(undefined, [{ stream, head }])
      for (const row of rows) group.event(row)
      return rows
    }
    const openThread = async () => {
      const path = join(dir, `${files++}.db`)
      const thread = new SqliteThread(path, () => undefined)
      await thread.request('open', { path, again: false })
      return { thread, group: () => new SqliteGroup(thread, () => Promise.resolve(thread)) }
    }

    it('passes over an append that does not fit, and takes those beside it', async () => {
      const { thread, group } = await openThread()
      const mixed = group()
      give(mixed, 'cluster/a', 30)
      give(mixed, 'cluster/b', 60, { version: 1, hash: 'made up' })
      const rows = give(mixed, 'cluster/a', 70, { version: 30, hash: 'made up' })
      give(mixed, 'cluster/c', 5)
      const [a, b, again, c] = await mixed.commit()
      const head = { version: 30, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string }
      expect([a, b, c]).toEqual([{ first: 1 }, { heads: [NO_HEAD] }, { first: 31 }])
      expect(again).toEqual({ heads: [head] })
      expect(rows).toHaveLength(70)
      expect(await thread.request('head', undefined)).toBe('35')
      expect(await thread.request('verify', { anchors: [undefined] })).toMatchObject([
        { ok: true, streams: 2 },
      ])
      await thread.close()
    })

    it('writes nothing of one that is taken back, and answers for one that cannot be written', async () => {
      const { thread, group } = await openThread()
      const back = group()
      give(back, 'cluster/a', 60)
      back.abandon()
      const twice = group()
      const [row] = give(twice, 'cluster/a', 30)
      // The second of the same version: the file refuses it, and what comes behind it is passed over.
      twice.event(row!)
      for (let n = 0; n < 60; n++) twice.event(row!)
      await expect(twice.commit()).rejects.toThrow(LogUnavailable)
      const whole = group()
      give(whole, 'cluster/a', 60)
      expect(await whole.commit()).toEqual([{ first: 1 }])
      expect(await thread.request('head', undefined)).toBe('60')
      await thread.close()
    })
  })
})
