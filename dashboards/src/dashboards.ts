import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { clusterDashboard } from './cluster.js'
import { uid } from './links.js'

/** Where the generated JSON is kept, under version control. */
export const generatedDir = resolve(import.meta.dirname, '../generated')

/** File name -> its content, as it should be. */
export function renderDashboards(): Map<string, string> {
  return new Map([[`${uid}.json`, `${JSON.stringify(clusterDashboard(), undefined, 2)}\n`]])
}

export function writeDashboards(): void {
  for (const [name, content] of renderDashboards()) writeFileSync(join(generatedDir, name), content)
}

/** The names of generated files that are missing or differ from what the code makes. */
export function driftedDashboards(): string[] {
  return [...renderDashboards()]
    .filter(([name, content]) => read(join(generatedDir, name)) !== content)
    .map(([name]) => name)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
