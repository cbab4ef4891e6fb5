import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { StoredEvent } from '../src/contract/events.js'

const PROGRAM = fileURLToPath(new URL('sqlite-child.mjs', import.meta.url))

/** An answer of the child. */
interface Answer {
  id?: number
  result?: unknown
  error?: { name: string; message: string }
  appended?: StoredEvent[]
}

/** A process with a SQLite log of its own; see sqlite-child.mjs for its calls. */
export interface SqliteChild {
  readonly pid: number
  /** What it appended in `write`, as far as it was answered. */
  readonly appended: StoredEvent[]
  /** @throws Error with the name and message of what it threw there, or when it has ended */
  call<T>(name: string, ...args: unknown[]): Promise<T>
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
}

/** @param before a shell command that it is started after: limits, mounts */
export function startSqliteChild(before = 'true', wrapper: readonly string[] = []): SqliteChild {
  const command = [...wrapper, 'bash', '-c', `${before} && exec "$0" "$@"`, process.execPath, PROGRAM]
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  const appended: StoredEvent[] = []
  let calls = 0
  child.on('message', (answer: Answer) => {
    if (answer.appended) appended.push(...answer.appended)
    if (answer.id === undefined) return
    const { resolve, reject } = waiting.get(answer.id)!
    if (answer.error) reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }))
    else resolve(answer.result)
  })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the child has ended'))
  })
  return {
    pid: child.pid!,
    appended,
    call<T>(call: string, ...args: unknown[]) {
      const id = calls++
      const result = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }))
      child.send({ id, call, args })
      return result as Promise<T>
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
