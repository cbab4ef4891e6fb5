import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { until, type UntilOptions } from './until.js'

export interface ChildOptions {
  /** What messages call it: `prometheus`, `redis 7001`. */
  name: string
  command: string
  args: readonly string[]
  cwd?: string
  /** The whole environment; this process's unless given. */
  env?: NodeJS.ProcessEnv
  /** Output goes to the end of this file, else it is kept in memory (the last 64 KiB). */
  logFile?: string
}

export interface ExitInfo {
  code: number | null
  signal: NodeJS.Signals | null
  /** `exit code 1` or `SIGKILL` */
  how: string
  /** Whether `stop()` had been called before. */
  asked: boolean
}

export interface Child {
  readonly name: string
  readonly pid: number
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ExitInfo>
  /** How it ended, or undefined while it runs. */
  readonly exit: ExitInfo | undefined
  signal(signal: NodeJS.Signals): void
  /** SIGTERM (or `signal`), SIGKILL when that did not end it within `graceMs` (5000). A stopped process is continued first. */
  stop(options?: { graceMs?: number; signal?: NodeJS.Signals }): Promise<ExitInfo>
  /** The last lines it printed. */
  tail(lines?: number): string
}

const KEPT_BYTES = 64 * 1024

/**
 * Starts a process that does not outlive this one. It has a session of its own, so that Ctrl-C in a terminal reaches
 * only the program that stops it in order; and where the system has `setpriv` (Linux), the kernel kills it when this
 * process is gone, however that happened.
 * @throws an error of one line when the program cannot be started
 */
export function startChild(options: ChildOptions): Child {
  const { name, logFile } = options
  if (closed) throw new Error(`${name} is not started: everything is being stopped`)
  const bound = diesWithParent()
  const command = bound ? 'setpriv' : options.command
  const args = bound ? ['--pdeathsig', 'KILL', '--', options.command, ...options.args] : options.args
  const log = logFile === undefined ? undefined : openSync(logFile, 'a')
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: bound,
    stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
  })
  if (log !== undefined) closeSync(log)
  const pid = child.pid
  if (pid === undefined) {
    child.on('error', () => undefined)
    throw new Error(`cannot start ${name}: ${options.command} is not there or not a program`)
  }
  const kept = keepOutput(child)

  let asked = false
  let exit: ExitInfo | undefined
  const exited = new Promise<ExitInfo>((resolve) => {
    child.once('close', (code, signal) => {
      exit = { code, signal, how: signal ?? `exit code ${code ?? 'unknown'}`, asked }
      resolve(exit)
    })
  })
  const signal = (sent: NodeJS.Signals): void => {
    if (exit === undefined) child.kill(sent)
  }

  const started: Child = {
    name,
    pid,
    exited,
    get exit() {
      return exit
    },
    signal,
    async stop({ graceMs = 5000, signal: first = 'SIGTERM' } = {}) {
      asked = true
      signal(first)
      signal('SIGCONT')
      const kill = setTimeout(() => signal('SIGKILL'), graceMs)
      try {
        return await exited
      } finally {
        clearTimeout(kill)
      }
    },
    tail(lines = 12) {
      const text = logFile === undefined ? kept() : readFileSync(logFile, 'utf8')
      return text.trimEnd().split('\n').slice(-lines).join('\n')
    },
  }
  running.add(started)
  void exited.then(() => running.delete(started))
  return started
}

/** What this process has started and what still runs, in the order of the start. */
const running = new Set<Child>()
let closed = false

/** Stops every process that this one has started, the last first, and lets none start any more. */
export async function stopAllChildren(): Promise<void> {
  closed = true
  for (const child of [...running].toReversed()) await child.stop({ graceMs: 3000 })
}

/**
 * Waits until a new process is up, as `until` does, but no longer than it lives; stops it when it does not come up.
 * @throws at once when the process ends first, with its last lines
 */
export async function whenUp(
  child: Child,
  isUp: () => Promise<boolean>,
  options: UntilOptions,
): Promise<void> {
  const over = new AbortController()
  const died = child.exited.then(({ how }): never => {
    const said = child.tail()
    throw new Error(
      `${child.name} ended (${how}) before it was up${said ? `; its last lines:\n${said}` : ''}`,
    )
  })
  try {
    await Promise.race([until(isUp, { ...options, signal: over.signal }), died])
  } catch (error) {
    await child.stop()
    throw error
  } finally {
    over.abort()
  }
}

/** Whether `setpriv --pdeathsig` works here; asked once. */
let boundToParent: boolean | undefined
function diesWithParent(): boolean {
  boundToParent ??= spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0
  return boundToParent
}

function keepOutput(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (data: string) => {
      text = (text + data).slice(-KEPT_BYTES)
    })
  return () => text
}
