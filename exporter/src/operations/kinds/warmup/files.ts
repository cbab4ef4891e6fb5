import { constants, createReadStream, type Dirent } from 'node:fs'
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'

/** A file that a warmup may read. */
export interface ListedFile {
  /** Below the folder, with `/` between its parts. */
  readonly path: string
  readonly bytes: number
  readonly modifiedAt: string
}

const MOST_FILES = 1000
const DEEPEST = 8

/** The regular files below a folder, newest first, at most 1000; none where the folder is '' or not there. */
export async function listFiles(dir: string): Promise<ListedFile[]> {
  if (dir === '') return []
  const files: ListedFile[] = []
  await walk(dir, [], files)
  return files.sort((a, b) => (a.modifiedAt < b.modifiedAt ? 1 : -1)).slice(0, MOST_FILES)
}

async function walk(dir: string, parts: readonly string[], files: ListedFile[]): Promise<void> {
  const entries: Dirent[] = await readdir(join(dir, ...parts), { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const below = [...parts, entry.name]
    if (entry.isDirectory() && below.length < DEEPEST) await walk(dir, below, files)
    if (!entry.isFile()) continue
    const stat = await lstat(join(dir, ...below)).catch(() => undefined)
    if (stat?.isFile())
      files.push({ path: below.join('/'), bytes: stat.size, modifiedAt: stat.mtime.toISOString() })
  }
}

/** A file may not be read, and why. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
}

/** A file below the folder, open. */
export class SourceFile {
  private constructor(
    readonly path: string,
    readonly bytes: number,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Opens a regular file below a folder. No part of the path may be a link, so that nothing outside is ever read; what
   * is opened is looked at once more, because the folder may be changed in between.
   * @throws FileRefused
   */
  static async open(dir: string, path: string): Promise<SourceFile> {
    if (dir === '') throw new FileRefused('files may not be read here: warmup.dir is not set')
    const parts = path.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\\'))
      throw new FileRefused('not a path below warmup.dir; write it as the list of files does')
    const root = await realpath(resolve(dir)).catch(() => {
      throw new FileRefused('warmup.dir is not there')
    })
    let at = root
    for (const [i, part] of parts.entries()) {
      at = join(at, part)
      const stat = await lstat(at).catch(() => undefined)
      if (!stat) throw new FileRefused('no such file')
      if (stat.isSymbolicLink()) throw new FileRefused('a link is on its path; only regular files are read')
      if (i < parts.length - 1 ? !stat.isDirectory() : !stat.isFile())
        throw new FileRefused('not a regular file')
    }
    // Without O_NONBLOCK the opening of a pipe that took the file's place would never end.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const handle = await open(at, flags).catch((error: unknown) => {
      throw new FileRefused(`it cannot be opened (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
    })
    const [stat, real] = [await handle.stat(), await realpath(at).catch(() => '')]
    if (!stat.isFile() || !real.startsWith(root + sep)) {
      await handle.close()
      throw new FileRefused('not a regular file below warmup.dir')
    }
    return new SourceFile(path, stat.size, handle)
  }

  /** The file's bytes as it was when it was opened; what is appended later is not read. */
  read(): Readable {
    if (this.bytes === 0) return Readable.from([])
    return createReadStream('', {
      fd: this.handle,
      start: 0,
      end: this.bytes - 1,
      autoClose: false,
      highWaterMark: 256 * 1024,
    })
  }

  close(): Promise<void> {
    return this.handle.close()
  }
}
