import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SCOPES } from '../../../exporter/src/contract/tokens.js'
import { askApi, type ApiAnswer } from '../../src/exporter.js'
import { httpGet } from '../../src/http.js'
import { freePorts, isPortFree } from '../../src/ports.js'
import { queryPrometheus } from '../../src/prometheus.js'
import { startCluster, type RedisCluster } from '../../src/redis-cluster.js'
import { repoRoot } from '../../src/servers.js'
import { makeFullToken } from '../../src/start/token.js'
import { until } from '../../src/until.js'

const UP_MS = 90_000

/** Runs of this file that may still be up when a test fails. */
const runs = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of runs) {
    child.kill('SIGTERM')
    await new Promise((resolve) =>
      (child.exitCode ?? child.signalCode) !== null ? resolve(null) : child.once('exit', resolve),
    )
  }
  runs.clear()
})

interface Run {
  pid: number
  output: () => string
  /** Waits for a line of its output. */
  line: (pattern: RegExp) => Promise<string>
  /** Waits until it has at least so many processes of its own; their ids. */
  children: (count: number) => Promise<number[]>
  signal: (signal: NodeJS.Signals) => void
  /** Waits for its end; the exit code. */
  ended: () => Promise<number | null>
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Run {
  const child = spawn(process.execPath, [join(repoRoot, 'stack/dist/start.js'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  runs.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (data: string) => {
      output += data
    })
  let over = false
  let exitCode: number | null = null
  child.once('close', (code) => {
    over = true
    exitCode = code
  })
  const whileUp = async <T>(what: string, find: () => T | undefined): Promise<T> => {
    await until(() => find() !== undefined || over, { timeoutMs: UP_MS, what })
    return find() ?? expect.fail(`it ended without ${what}; it said:\n${output}`)
  }
  return {
    pid: child.pid!,
    output: () => output,
    line: (pattern) =>
      whileUp(`a line like ${pattern.source}`, () => output.split('\n').find((line) => pattern.test(line))),
    children: (count) =>
      whileUp(`${count} processes`, () => {
        const children = childrenOf(child.pid!)
        return children.length >= count ? children : undefined
      }),
    signal: (signal) => child.kill(signal),
    ended: async () => {
      await until(() => over, { timeoutMs: 60_000, what: 'the end' }).catch(() => {
        const left = childrenOf(child.pid!).map(
          (pid) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8')}`,
        )
        expect.fail(`it did not end; its processes:\n${left.join('\n')}\nit said:\n${output}`)
      })
      return exitCode
    },
  }
}

interface Place {
  args: string[]
  ports: number[]
  redis: number
  prometheus: number
  /** Asks the control API. */
  api: (path: string, options?: { token?: string; body?: unknown }) => Promise<ApiAnswer>
}

/** Ports for a run, and the flags that move it there. */
async function shifted(): Promise<Place> {
  const redis = await freePorts(16, { bus: true, inARow: true })
  const [exporter, control, prometheus, alertmanager, preview] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return {
    redis: redis[0]!,
    prometheus,
    ports: [...redis, exporter, control, prometheus, alertmanager, preview],
    api: (path, options) => askApi(`http://127.0.0.1:${control}/api/v1${path}`, options),
    args: [
      ...['--redis-port', String(redis[0]), '--exporter-port', String(exporter)],
      ...['--control-port', String(control), '--preview-port', String(preview)],
      ...['--prometheus-port', String(prometheus), '--alertmanager-port', String(alertmanager)],
    ],
  }
}

async function expectNothingLeft(
  run: Run,
  ports: readonly number[],
  children: readonly number[],
): Promise<void> {
  expect(children.filter(isAlive)).toEqual([])
  expect((await Promise.all(ports.map(isPortFree))).every(Boolean)).toBe(true)
  expect(existsSync(join(repoRoot, '.run', String(run.pid)))).toBe(false)
}

/** The token that a run printed. */
async function tokenOf(run: Run): Promise<string> {
  const line = await run.line(/^token /)
  expect(line).toMatch(/^token sw_[\w-]{43}$/)
  return line.slice('token '.length)
}

/** What the token of one use may do that the app of this run has, asked as a browser does that was let in. */
async function whoIsApp(run: Run, use: 'read' | 'run'): Promise<unknown> {
  const keyUrl = /http\S+/.exec(await run.line(/^app /))![0]
  const { origin } = new URL(keyUrl)
  expect((await httpGet(origin)).status).toBe(401)
  const { headers } = await httpGet(keyUrl)
  const cookie = headers['set-cookie']![0]!.split(';', 1)[0]!
  const path = `/api/plugin-proxy/slotwise-clusters-app/whoami/${use}`
  return JSON.parse((await httpGet(`${origin}${path}`, { headers: { cookie } })).body)
}

/** By which the tokens file knows a token. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Where a text stands: files of the run, arguments and environments of processes. */
function placesWith(text: string, run: Run): string[] {
  const folder = join(repoRoot, '.run', String(run.pid))
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  expect(files).toContain(join(folder, 'exporter.log'))
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const shown = processes.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
  return [...files, ...shown].filter((file) => contentOf(file).includes(text))
}

/** Empty when it is gone, or not ours to read. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

const policyPlan = { kind: 'eviction-policy', spec: { policy: 'allkeys-lfu' } }

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statusField(pid, 'PPid')) === parent)
}

function isAlive(pid: number): boolean {
  return !['', 'Z'].includes(statusField(pid, 'State').slice(0, 1))
}

/** A field of /proc/<pid>/status; empty when the process is gone. */
function statusField(pid: number, name: string): string {
  try {
    return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}

describe('npm start', () => {
  test('is ready when Prometheus has read the nodes of both clusters, prints the page for a killed one, and leaves nothing', async () => {
    const { args, ports, redis, prometheus, api } = await shifted()
    const run = start(args)
    expect(await run.line(/^ready/)).toMatch(/^ready in \d+\.\d s/)
    for (const name of ['redis', 'exporter', 'control', 'alertmanager', 'prometheus', 'app'])
      expect(await run.line(new RegExp(`^${name} `))).toMatch(/ (redis|http):\/\/127\.0\.0\.1:\d+/)
    const up = await queryPrometheus(`http://127.0.0.1:${prometheus}`, 'sum by (redis_cluster) (redis_up)')
    expect(up.map(({ metric, value }) => [metric.redis_cluster, value]).sort()).toEqual([
      ['cold', 6],
      ['demo', 6],
    ])

    const token = await tokenOf(run)
    expect(await api('/whoami', { token })).toMatchObject({ status: 200, body: { scopes: SCOPES } })
    expect(await api('/whoami')).toMatchObject({ status: 401 })
    expect((await api('/clusters/cold/warmup', { token })).body).toMatchObject({
      sources: [{ type: 'cluster', name: 'demo' }],
      files: [{ path: 'demo.jsonl' }],
    })
    const asked = await api('/clusters/demo/plans', { token, body: policyPlan })
    expect(asked.status).toBe(202)
    const { id } = asked.body as { id: string }
    const plan = await until(
      async () => {
        const { body } = (await api(`/plans/${id}`, { token })) as { body: { state: string } }
        return body.state === 'planning' ? undefined : body
      },
      { timeoutMs: 40_000, what: 'the plan' },
    )
    expect(plan).toMatchObject({ state: 'ready' })
    expect(placesWith(token, run)).toEqual([])
    expect(placesWith(hashOf(token), run)).toEqual([join(repoRoot, '.run', String(run.pid), 'tokens.yml')])

    expect(await whoIsApp(run, 'run')).toMatchObject({
      id: 'grafana-run',
      scopes: ['read', 'run', 'warmup', 'policy', 'evict'],
      delegated: true,
    })
    expect(await whoIsApp(run, 'read')).toMatchObject({ id: 'grafana-read', scopes: ['read'] })

    const children = childrenOf(run.pid)
    expect(children).toHaveLength(15)
    const victim = children.find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`:${redis + 5} `),
    )!
    process.kill(victim, 'SIGKILL')
    expect(await run.line(new RegExp(`^redis ${redis + 5} ended`))).toMatch(/SIGKILL.*the rest keeps running/)
    expect(await run.line(/^page /)).toMatch(new RegExp(`RedisNodeDown: .*127\\.0\\.0\\.1:${redis + 5}`))
    const firing = async () =>
      (await api('/alerts?cluster=demo', { token })).body as { alerts: { name: string }[] }
    await until(async () => (await firing()).alerts.some(({ name }) => name === 'RedisNodeDown'), {
      timeoutMs: 40_000,
      what: 'Slotwise to be told of the alert',
    })

    run.signal('SIGINT')
    run.signal('SIGINT')
    expect(await run.ended()).toBe(0)
    await expectNothingLeft(run, ports, children)
  }, 240_000)

  test('stopped while it starts leaves nothing', async () => {
    const { args, ports } = await shifted()
    const run = start([...args, '--allow-control'])
    const children = await run.children(6)
    run.signal('SIGTERM')
    expect(await run.ended()).toBe(0)
    expect(run.output()).toBe('stopping\n')
    await expectNothingLeft(run, ports, children)
  })
})

describe("npm start with somebody else's cluster", () => {
  let dir: string
  let cluster: RedisCluster
  let redis: string[]
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slotwise-foreign-'))
    const ports = await freePorts(3, { bus: true })
    cluster = await startCluster({ ports, replicas: 0, dir, password: 'pass' })
    redis = ['--redis', `redis://:pass@${cluster.nodes[0]!.address}`]
  })
  afterAll(async () => {
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  })

  test('watches it, changes nothing, starts none, and takes its servers along when it is killed', async () => {
    const { args, ports, prometheus, api } = await shifted()
    const run = start([...args, ...redis], {
      ...process.env,
      SLOTWISE_CONTROL_TOKENS_FILE: '/etc/tokens.yml',
    })
    await run.line(/^ready/)
    const read = await queryPrometheus(`http://127.0.0.1:${prometheus}`, 'sum(redis_up)')
    expect(read.map(({ value }) => value)).toEqual([3])
    expect(run.output()).not.toContain('pass')
    const children = childrenOf(run.pid)
    expect(children).toHaveLength(3)
    expect(await cluster.nodes[0]!.cli('DBSIZE')).toBe('0')

    expect(run.output()).not.toMatch(/^token/m)
    expect(await api('/whoami')).toMatchObject({ status: 200, body: { readOnly: true, scopes: ['read'] } })
    expect(await api('/clusters/demo/plans', { body: policyPlan })).toMatchObject({ status: 403 })
    expect(await whoIsApp(run, 'run')).toMatchObject({ readOnly: true, scopes: ['read'] })

    run.signal('SIGKILL')
    await run.ended()
    await until(() => !children.some(isAlive), { timeoutMs: 40_000, what: 'its servers to end with it' })
    await start([...args, '--redis', 'redis://127.0.0.1:1']).ended() // removes the folder, which nobody else could
    await expectNothingLeft(run, ports, children)
  }, 180_000)

  test('may change it with --allow-control: each run with a token of its own', async () => {
    const places = await Promise.all([shifted(), shifted()])
    const runs = places.map(({ args }) => start([...args, ...redis, '--allow-control']))
    const tokens = (await Promise.all(runs.map(tokenOf))) as [string, string]
    for (const [index, { api }] of places.entries()) {
      const status = async (token: string) =>
        (await api('/clusters/demo/plans', { token, body: policyPlan })).status
      expect(await Promise.all(tokens.map(status))).toEqual(index === 0 ? [202, 401] : [401, 202])
    }
    for (const run of runs) run.signal('SIGTERM')
    expect(await Promise.all(runs.map((run) => run.ended()))).toEqual([0, 0])
  }, 180_000)
})

test('the token of a start is in no file, only its hash, which is for the owner alone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slotwise-token-'))
  try {
    const file = join(dir, 'tokens.yml')
    const token = await makeFullToken(file)
    expect(parse(readFileSync(file, 'utf8'))).toEqual({
      tokens: [{ id: 'npm-start', hash: hashOf(token), scopes: [...SCOPES] }],
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await expect(makeFullToken(join(dir, 'no/folder'))).rejects.toThrow(/exit code 1\):\n.*no such folder/)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})

describe('what keeps npm start from starting is one line', () => {
  const refusal = async (
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<[number | null, string]> => {
    const run = start(args, env)
    const code = await run.ended()
    expect(existsSync(join(repoRoot, '.run', String(run.pid)))).toBe(false)
    return [code, run.output()]
  }

  test('a taken port', async () => {
    const { args, redis } = await shifted()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(redis + 10_004, '127.0.0.1', resolve))
    try {
      expect(await refusal(args)).toEqual([
        1,
        `npm start: port ${redis + 10_004} (a cluster bus) is taken on 127.0.0.1: stop what listens there, or choose another with --redis-port\n`,
      ])
    } finally {
      server.close()
    }
  })

  test('a missing server', async () => {
    const [code, output] = await refusal([], { PATH: '/nonexistent', SLOTWISE_SERVERS: '/nonexistent' })
    expect(code).toBe(1)
    expect(output).toMatch(
      /^npm start: redis-server, redis-cli, prometheus, alertmanager not found on PATH: .*\n$/,
    )
  })

  test('a dead cluster', async () => {
    const { args } = await shifted()
    const [port] = await freePorts(1)
    const [code, output] = await refusal([...args, '--redis', `redis://:secret@127.0.0.1:${port!}`])
    expect(code).toBe(1)
    expect(output).toMatch(
      new RegExp(`^npm start: the cluster at 127\\.0\\.0\\.1:${port!} does not answer: .*ECONNREFUSED.*\n$`),
    )
    expect(output).not.toContain('secret')
  })

  test.each([
    [['--redis', 'localhost'], /^error: option '--redis <url>' argument 'localhost' is invalid\. .*\n$/],
    [
      ['--exporter-port', '99999'],
      /^error: option '--exporter-port <port>' argument '99999' is invalid\. .*\n$/,
    ],
    [['--fun'], /^error: unknown option '--fun'\n$/],
  ])('bad usage: %j', async (args, line) => {
    const [code, output] = await refusal(args)
    expect([code, output]).toEqual([2, expect.stringMatching(line)])
  })
})
