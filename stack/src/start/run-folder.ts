import { mkdirSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes the folder for the files of this run, `<parent>/<pid>`, and removes those of runs that ended without doing it
 * themselves (killed by SIGKILL, a power cut).
 */
export function makeRunFolder(parent: string, pid = process.pid): string {
  mkdirSync(parent, { recursive: true })
  for (const name of readdirSync(parent))
    if (/^\d+$/.test(name) && !isAlive(Number(name)))
      rmSync(join(parent, name), { recursive: true, force: true })
  const folder = join(parent, String(pid))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  return folder
}

/** Removes the folder of a run, and its parent when no other run has one there. */
export function removeRunFolder(parent: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  try {
    rmdirSync(parent)
  } catch {
    // another run's folder is in there
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
