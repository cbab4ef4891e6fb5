import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startChild, whenUp, type Child, type ExitInfo } from './child.js'
import { findServer, type ServerName } from './servers.js'

const run = promisify(execFile)

export interface NodeOptions {
  port: number
  /** The node's files go to `<dir>/<port>`. */
  dir: string
  /** `redis-server` unless given; `redis8-server` or `valkey9-server` for the newer ones. */
  server?: Extract<ServerName, `${string}-server`>
  /** Runs in cluster mode. */
  cluster?: boolean
  /** The default user's password; for replication too. */
  password?: string
  /** More lines of redis.conf: directive -> its arguments, written as in the file. */
  config?: Readonly<Record<string, string>>
}

export interface RedisNode {
  readonly port: number
  /** `127.0.0.1:<port>` */
  readonly address: string
  /** The running process, or the last one. */
  readonly child: Child
  readonly pid: number
  /** Runs a command through redis-cli and returns what it prints, without the last newline. Rejects on an error reply. */
  cli(...args: string[]): Promise<string>
  signal(signal: NodeJS.Signals): void
  /** SIGTERM unless told (`SIGKILL` kills it); resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<ExitInfo>
  /** Starts it again on the same port and files; resolves when it answers. */
  start(): Promise<void>
}

/**
 * Starts a Redis or Valkey node on 127.0.0.1 that keeps nothing on disk but its cluster configuration.
 * @returns when it answers PING
 * @throws with the node's last log lines when it does not come up
 */
export async function startNode(options: NodeOptions): Promise<RedisNode> {
  const { port, password } = options
  const server = options.server ?? 'redis-server'
  const program = findServer(server)
  const cliProgram = findServer(server.replace('-server', '-cli') as ServerName)
  const dir = join(options.dir, String(port))
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'redis.conf'), configuration(options, dir), { mode: 0o600 })

  const cli = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, ...(password === undefined ? {} : { REDISCLI_AUTH: password }) }
    const flags = ['-e', '-h', '127.0.0.1', '-p', String(port), '--no-auth-warning']
    const { stdout } = await run(cliProgram, [...flags, ...args], {
      env,
      timeout: 10_000,
      maxBuffer: 64 * 2 ** 20,
    }).catch((error: unknown) => {
      const { stderr, killed } = error as { stderr: string; killed: boolean }
      const why = killed ? 'no answer within 10 s' : stderr.trim()
      throw new Error(`127.0.0.1:${port}: ${args.slice(0, 3).join(' ')}: ${why}`, { cause: error })
    })
    return stdout.replace(/\n$/, '')
  }

  const launch = async (): Promise<Child> => {
    const child = startChild({
      name: `redis ${port}`,
      command: program,
      args: [join(dir, 'redis.conf')],
      cwd: dir,
      logFile: join(dir, 'redis.log'),
    })
    const answers = async (): Promise<boolean> => /^PONG|NOAUTH|WRONGPASS/.test(await cli('PING'))
    await whenUp(child, answers, { timeoutMs: 20_000, what: `redis ${port} to answer` })
    return child
  }

  let child = await launch()
  return {
    port,
    address: `127.0.0.1:${port}`,
    get child() {
      return child
    },
    get pid() {
      return child.pid
    },
    cli,
    signal: (signal) => child.signal(signal),
    stop: (signal = 'SIGTERM') => child.stop({ signal, graceMs: 3000 }),
    async start() {
      if (child.exit === undefined) throw new Error(`redis ${port} runs already (pid ${child.pid})`)
      child = await launch()
    },
  }
}

function configuration(options: NodeOptions, dir: string): string {
  const { port, cluster, password, config } = options
  const lines: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    'protected-mode': 'no',
    dir: JSON.stringify(dir),
    save: '""',
    appendonly: 'no',
    'repl-diskless-sync-delay': '0',
    ...(cluster ? { 'cluster-enabled': 'yes', 'cluster-config-file': 'nodes.conf' } : {}),
    ...(password === undefined
      ? {}
      : { requirepass: JSON.stringify(password), masterauth: JSON.stringify(password) }),
    ...config,
  }
  return Object.entries(lines)
    .map(([directive, value]) => `${directive} ${value}\n`)
    .join('')
}
