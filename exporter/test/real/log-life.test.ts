import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { startExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { repoRoot } from '../../../stack/src/servers.js'
import { until } from '../../../stack/src/until.js'
import type { EventLog } from '../../src/events/log.js'
import { openSqliteLog } from '../../src/events/stores/sqlite.js'
import { ControlApi, writeTokens } from '../control-api.js'
import { failover, readAll } from '../event-log/under-test.js'
import { startSqliteChild } from '../sqlite-child.js'

const OLD = '2020-01-01T00:00:00Z'
const LIMIT = '2021-01-01T00:00:00Z'
const soon = { timeoutMs: 60_000 }

const dir = mkdtempSync(join(tmpdir(), 'slotwise-life-'))
const ending: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const end of ending) await end()
  rmSync(dir, { recursive: true, force: true })
})

const program = join(repoRoot, 'exporter/bin/slotwise.mjs')
/** Runs the program; an exit code is no failure. */
const slotwise = async (args: readonly string[], env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [program, ...args], { env: { ...process.env, ...env } }).then(
    ({ stdout }) => ({ code: 0, out: stdout, err: '' }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, out: stdout, err: stderr }
    },
  )

/** A log with old events in some streams and new ones behind them, and a snapshot of all. */
async function fill(log: EventLog, old: number): Promise<void> {
  for (let n = 0; n < old; n += 1000) {
    const events = Array.from({ length: 1000 }, (_, i) => ({ ...failover(n + i), time: OLD }))
    await log.append([{ stream: `cluster/${n % 3}`, events }])
  }
  await log.append([{ stream: 'cluster/new', events: [failover('new')] }])
  await log.digest()
  await log.saveSnapshot('test', 1, { position: await log.head(), state: {} })
}

describe('a trim of a SQLite file', () => {
  it('survives kill -9 at any moment, and the next one finishes it; the space is given back', async () => {
    const path = join(dir, 'killed.db')
    const first = await openSqliteLog({ path, source: 'slotwise/test' })
    await fill(first, 6000)
    await first.close()
    const before = statSync(path).size
    for (let round = 0; round < 3; round++) {
      const child = startSqliteChild()
      await child.call('open', path)
      child.call('trim', LIMIT).catch(() => undefined)
      // Whatever it has come to by then: nothing, the cut, some of the rows, or all.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
      await child.kill()
      const log = await openSqliteLog({ path, source: 'slotwise/test' })
      expect(await log.verify()).toMatchObject({ ok: true, problems: [] })
      const all = await readAll(log, 1000)
      expect([6002, 3]).toContain(all.length)
      expect((await log.stats()).events).toBe(all.length)
      await log.close()
    }
    const log = await openSqliteLog({ path, source: 'slotwise/test' })
    ending.push(() => log.close())
    await log.trim(LIMIT)
    expect((await readAll(log)).map(({ subject }) => subject)).toEqual(['cluster/new', 'digest', 'digest'])
    expect((await log.append([{ stream: 'cluster/1', events: [failover(1)] }]))[0]!.streamversion).toBe(2001)
    expect((await log.trim(LIMIT)).events).toBe(0)
    expect((await log.stats()).bytes).toBe(statSync(path).size + statSync(`${path}-wal`).size)
    expect((await log.stats()).bytes).toBeLessThan(before / 4)
  })
})

/** A control API that answers a backup as the test tells it. */
async function fakeApi(answer: (response: ServerResponse) => void): Promise<Record<string, string>> {
  const server = createServer((_, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ending.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { SLOTWISE_API: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('serve', () => {
  const path = join(dir, 'slotwise.db')
  const backup = join(dir, 'backup.gz')
  const tokens = writeTokens(join(dir, 'tokens.yml'), [
    { id: 'root', scopes: ['read', 'admin'], delegated: false },
  ])
  const serve = async (file: string) => {
    const [port, control, nobody] = await freePorts(3)
    const exporter = await startExporter({
      port: port!,
      args: [
        '--cluster.name=demo',
        `--redis.addr=redis://127.0.0.1:${nobody}`,
        `--events.url=file:${file}`,
        `--control.listen-address=127.0.0.1:${control}`,
        `--control.tokens-file=${join(dir, 'tokens.yml')}`,
      ],
    })
    ending.push(() => exporter.stop())
    const url = `http://127.0.0.1:${control}`
    const api = new ControlApi(url, tokens.root)
    await until(() => api.get('/whoami'), { ...soon, what: 'the control API' })
    return { exporter, api, env: { SLOTWISE_API: url, SLOTWISE_TOKEN: tokens.root! } }
  }
  const count = async (api: ControlApi) => (await api.get('/events/verify')).body

  it('removes what is older than the retention, is backed up while it runs, and goes on from the backup', async () => {
    const log = await openSqliteLog({ path, source: 'slotwise/test' })
    await fill(log, 3000)
    await log.close()
    const { api, env, exporter } = await serve(path)
    const report = await until(
      async () => {
        const body = await count(api)
        return Number(body.events) < 3000 ? body : undefined
      },
      { ...soon, what: 'the old events to go' },
    )
    expect(report).toMatchObject({ ok: true, problems: [] })
    await api.ask('PUT', '/freeze', { on: true, reason: 'before the backup' })
    const saved = await slotwise(['events', 'backup', '--to', backup], env)
    expect(saved).toMatchObject({ code: 0, err: '' })
    const anchor = /^anchor ([0-9a-f]{64})$/m.exec(saved.out)![1]!
    await api.ask('PUT', '/freeze', { on: false, reason: 'after it' })
    await exporter.stop()

    const restored = join(dir, 'restored.db')
    const [verified, made] = await Promise.all([
      slotwise(['events', 'verify', backup, '--anchor', anchor]),
      slotwise(['events', 'restore', backup, '--to', `file:${restored}`, '--anchor', anchor]),
    ])
    expect(verified).toMatchObject({ code: 0 })
    expect(made).toMatchObject({ code: 0, err: '' })
    const again = await slotwise(['events', 'restore', backup, '--to', restored])
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('a file already') as string })

    const second = await serve(restored)
    expect((await second.api.get('/freeze')).body).toMatchObject({ on: true, reason: 'before the backup' })
    expect((await second.api.get(`/events/verify?anchor=${anchor}`)).body).toMatchObject({ ok: true })
    await second.api.ask('PUT', '/freeze', { on: false, reason: 'it goes on' })
    expect(await count(second.api)).toMatchObject({ ok: true, problems: [] })
    await second.exporter.stop()
    // No token is given twice, whatever was given after the backup.
    const log2 = await openSqliteLog({ path: restored, source: 'slotwise/test' })
    ending.push(() => log2.close())
    expect((await log2.acquire('operation/1', 'me', 1000)).token).toBeGreaterThan(1e12)
  })

  it('that ends while it is backed up leaves no backup', async () => {
    const text = (await promisify(execFile)('gzip', ['-dc', backup])).stdout
    const broken = (['destroy', 'end'] as const).map(async (end) => {
      const env = await fakeApi((response) => {
        response.write(text.slice(0, text.length / 2))
        setImmediate(() => response[end]())
      })
      const to = join(dir, `half-${end}`)
      const { code, err } = await slotwise(['events', 'backup', '--to', to], env)
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('broke off') as string })
      expect(existsSync(to) || existsSync(`${to}.part`)).toBe(false)
    })
    await Promise.all(broken)
  })

  it('is backed up by a program that is killed: there is no file of that name until all of it is there', async () => {
    const text = (await promisify(execFile)('gzip', ['-dc', backup])).stdout
    const filler = 'x'.repeat(300_000)
    let whole = false
    const env = await fakeApi((response) => {
      if (whole) response.end(text)
      // A head and an event that is never ended: enough for the file to be written to.
      else response.write(`${text.slice(0, text.indexOf('\n') + 1)}${text.split('\n')[1]!}\n${filler}`)
    })
    const to = join(dir, 'killed')
    const child: ChildProcess = spawn(process.execPath, [program, 'events', 'backup', '--to', to], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    })
    await until(() => statSync(`${to}.part`).size > 0, { ...soon, what: 'the file to be begun' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(to)).toBe(false)
    whole = true
    expect((await slotwise(['events', 'backup', '--to', to], env)).code).toBe(0)
    expect(readFileSync(to, 'utf8')).toBe(text)
    expect(existsSync(`${to}.part`)).toBe(false)
  })
})
