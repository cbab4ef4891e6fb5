import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import type { Worker, WorkerOptions } from 'node:worker_threads'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { LogUnavailable, type EventLog } from '../../src/events/log.js'
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
      super(file, { ...options, execArgv: ['--require', hungDisk], workerData: { gate: hung.gate.buffer } })
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
  })

  it('leaves the main thread free while its disk hangs, answers only when it is durable, catches up in one commit', async () => {
    hang()
    let answered = 0
    const first = append(0).then(() => answered++)
    await until(() => commits() === 1, { ...soon, what: 'the disk to hang' })
    const others = Array.from({ length: 50 }, (_, n) => append(n).then(() => answered++))
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
    await expect(append(1)).rejects.toThrow(/20000 appends wait for the disk, which does not keep up/)
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
})
