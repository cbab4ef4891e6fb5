/** The two sets of unpacked servers: this Debian release's, and the newer ones. Plain JavaScript, as setup.mjs. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { endPrograms, unpackPackages } from './packages.mjs'

/** Packages of the servers, by both their older and their newer names. */
const RELEASE = ['redis-server', 'redis-tools', 'prometheus', 'promtool', 'prometheus-alertmanager']
const NEWER = [...RELEASE, 'valkey-server', 'valkey-tools', 'prometheus-redis-exporter', 'docker-compose']

/** Dependencies that no server needs to run: users, init scripts, Perl. */
const isLibrary = (name) =>
  /^(lib|zlib|lua)/.test(name) && !/perl|^libpam|^libsemanage|^libaudit|^libc-gconv/.test(name)

/**
 * Unpacks the servers of this Debian release into `dir`; their libraries are the system's, and those that the system
 * lacks are unpacked beside them.
 * @param servers our name -> program names, as in servers.mjs
 */
export function unpackRelease(dir, servers, say) {
  return unpackAside(dir, async (temporary) => {
    await unpackPackages({ dir: temporary, packages: RELEASE, say })
    const folders = libraryFolders(temporary)
    const path = folders.map((folder) => `$here/${folder}`).join(':')
    const environment = path ? [`export LD_LIBRARY_PATH="${path}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`] : []
    writeWrappers(temporary, servers, (program) => [...environment, `exec "$here/${program}"`])
  })
}

/** Unpacks newer servers than this release has, from Debian's development suite, with the C library they want. */
export function unpackNewer(dir, servers, say) {
  return unpackAside(dir, async (temporary) => {
    const roots = new Set(NEWER)
    const only = (name) => roots.has(name) || isLibrary(name)
    await unpackPackages({ dir: temporary, packages: NEWER, suite: 'sid', only, say })
    const folders = libraryFolders(temporary)
    const loader = folders.flatMap((folder) => loaders(temporary, folder))[0]
    if (loader === undefined) throw new Error('the unpacked libc6 has no dynamic loader')
    const path = folders.map((folder) => `$here/${folder}`).join(':')
    writeWrappers(temporary, servers, (program) => [
      `exec "$here/${loader}" --library-path "${path}" --argv0 "${basename(program)}" "$here/${program}"`,
    ])
  })
}

/**
 * Fills a folder beside `dir` and renames it when it is whole, so that a broken or interrupted download leaves nothing
 * half done. What a killed one left is removed by the next.
 */
async function unpackAside(dir, fill) {
  const remove = (path) => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  for (const name of listing(dirname(dir))) {
    const pid = new RegExp(`^${basename(dir)}[.](\\d+)[.]tmp$`).exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) remove(join(dirname(dir), name))
  }
  const temporary = `${dir}.${process.pid}.tmp`
  const stopped = () => {
    endPrograms()
    remove(temporary)
    process.exit(130)
  }
  process.once('SIGINT', stopped).once('SIGTERM', stopped)
  try {
    mkdirSync(temporary, { recursive: true })
    await fill(temporary)
    for (const leftover of ['deb', 'lists', 'cache', 'sources.list']) remove(join(temporary, leftover))
    remove(dir)
    renameSync(temporary, dir)
  } finally {
    process.off('SIGINT', stopped).off('SIGTERM', stopped)
    remove(temporary)
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** `<dir>/bin/<our name>`: a script that finds the unpacked libraries and becomes the program, so that the pid is its. */
function writeWrappers(dir, servers, commandLines) {
  mkdirSync(join(dir, 'bin'))
  for (const [name, programs] of Object.entries(servers)) {
    const program = programs.map((file) => `root/usr/bin/${file}`).find((path) => existsSync(join(dir, path)))
    if (program === undefined) continue
    const { before, flags } = ownFiles(dir, program)
    const script = ['#!/bin/sh', 'here=${0%/*}/..', ...before, ...commandLines(program)].join('\n')
    writeFileSync(join(dir, 'bin', name), `${script}${flags} "$@"\n`)
    chmodSync(join(dir, 'bin', name), 0o755)
  }
}

/** Where Debian puts libraries: `root/usr/lib/<architecture>`, and `root/lib/<architecture>` in older packages. */
function libraryFolders(dir) {
  return ['root/usr/lib', 'root/lib'].flatMap((parent) =>
    listing(join(dir, parent))
      .filter((name) => name.includes('-linux-gnu'))
      .map((name) => `${parent}/${name}`),
  )
}

function loaders(dir, folder) {
  return listing(join(dir, folder))
    .filter((name) => /^ld-linux.*\.so\.\d+$/.test(name))
    .map((name) => `${folder}/${name}`)
}

function listing(folder) {
  return existsSync(folder) ? readdirSync(folder) : []
}

const ALERTMANAGER_FILES = '/usr/share/prometheus/alertmanager'

/**
 * Debian's Prometheus and Alertmanager read files of theirs from /usr/share. Prometheus has a flag for them.
 * Alertmanager has none for its default template, without which it does not start: in our unpacked copy the path is
 * replaced by one of the same length that leads to a file descriptor, which the script opens on the unpacked folder.
 */
function ownFiles(dir, program) {
  if (program.endsWith('/prometheus'))
    return { before: [], flags: ' --web.local-assets="$here/root/usr/share/prometheus/web/"' }
  if (!program.endsWith('/prometheus-alertmanager')) return { before: [], flags: '' }
  const path = join(dir, program)
  const to = '/proc/self/fd/9'.padEnd(ALERTMANAGER_FILES.length, '/')
  writeFileSync(path, replaceBytes(readFileSync(path), ALERTMANAGER_FILES, to))
  return { before: [`exec 9<"$here/root${ALERTMANAGER_FILES}"`], flags: '' }
}

/** Replaces every occurrence of `from` by `to`, which must be as long. */
export function replaceBytes(bytes, from, to) {
  if (from.length !== to.length) throw new Error(`${from} and ${to} differ in length`)
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + to.length))
    bytes.write(to, at, 'latin1')
  return bytes
}
