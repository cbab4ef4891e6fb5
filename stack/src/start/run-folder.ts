import { existsSync, mkdirSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/** Removes the folders of runs that could not do it themselves (killed by SIGKILL, a power cut). */
export function removeDeadRunFolders(parent: string): void {
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent))
    if (/^\d+$/.test(name) && !isAlive(Number(name))) removeRunFolder(parent, join(parent, name))
}

/** Makes the folder for the files of this run, `<parent>/<pid>`. */
export function makeRunFolder(parent: string, pid = process.pid): string {
  const folder = join(parent, String(pid))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
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
