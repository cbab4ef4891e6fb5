import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../config/config.js'

export interface SecretOptions {
  /** Refuse files that others may read, rather than warn. */
  readonly strict: boolean
  readonly warn: (message: string) => void
}

/**
 * Reads a secret from a file, without the line end.
 * @param what names the setting that points to the file, for the errors
 * @throws ConfigError
 */
export function readSecret(path: string, what: string, { strict, warn }: SecretOptions): string {
  const text = readText(path, what)
  if ((statSync(path).mode & 0o077) !== 0) {
    const problem = `${what}: ${path} can be read by others; chmod 600 it`
    if (strict) throw new ConfigError(problem)
    warn(problem)
  }
  return text.replace(/\r?\n$/, '')
}

/** @throws ConfigError */
export function mustBeFolder(path: string, what: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  throw new ConfigError(`${what}: ${path} is no folder; make it, or leave the setting out`)
}

/** @throws ConfigError */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError(
      `${what}: cannot read ${path}: ${code === 'ENOENT' ? 'no such file' : (code ?? 'unknown error')}`,
    )
  }
}

/** What is read from files, now and at every reload. */
export class Reloaded {
  readonly #reads: (() => () => void)[] = []

  get isEmpty(): boolean {
    return this.#reads.length === 0
  }

  /** @returns what was read the last time */
  of<T>(read: () => T): () => T {
    let current = read()
    this.#reads.push(() => {
      const fresh = read()
      return () => (current = fresh)
    })
    return () => current
  }

  /** Reads everything anew, and takes it when all of it could be read. @throws ConfigError */
  reload(): void {
    const takes = this.#reads.map((read) => read())
    for (const take of takes) take()
  }
}
