/** Which parts of the Grafana app are built, and whether their sources have changed since. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repoRoot } from './servers.mjs'

/** What is built: its sources, what builds it, a file that it makes. Paths are below the root of this checkout. */
export const appParts = {
  plugin: {
    sources: [
      ...['grafana-app/src', 'grafana-app/build', 'grafana-app/package.json', 'grafana-app/README.md'],
      ...['dashboards/generated', 'LICENSE', 'pnpm-lock.yaml'],
    ],
    script: 'grafana-app/build/build.mjs',
    makes: 'grafana-app/dist/module.js',
  },
  'preview host': {
    sources: [
      ...['grafana-app/preview/client', 'grafana-app/preview/icons', 'grafana-app/preview/build.mjs'],
      'pnpm-lock.yaml',
    ],
    script: 'grafana-app/preview/build.mjs',
    makes: 'grafana-app/preview/dist/build/host.js',
  },
}

/** The names of the parts that are not built from their sources as they are now. */
export function staleParts(root = repoRoot) {
  return Object.keys(appParts).filter((name) => {
    const stamp = stampOf(root, name)
    const built = existsSync(join(root, appParts[name].makes)) && existsSync(stamp)
    return !built || readFileSync(stamp, 'utf8') !== sourceDigest(root, appParts[name].sources)
  })
}

/** Remembers what a part was built from. @param digest of its sources before the build */
export function markBuilt(name, digest, root = repoRoot) {
  const stamp = stampOf(root, name)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest)
}

/** A digest over names and contents; tests do not count. */
export function sourceDigest(root, paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => filesBelow(root, path)).sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

function filesBelow(root, path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false })
  if (!stats) return []
  if (!stats.isDirectory()) return /\.test\.tsx?$/.test(path) ? [] : [path]
  return readdirSync(join(root, path)).flatMap((name) => filesBelow(root, join(path, name)))
}

function stampOf(root, name) {
  return join(root, 'grafana-app/node_modules/.cache/slotwise', name.replaceAll(' ', '-'))
}
