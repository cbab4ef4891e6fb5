/** What is unpacked: the servers of this Debian release, the tests' browser, the newer servers. Plain JavaScript, as setup.mjs. */
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

/** What a page looks like is to depend on the page alone: these fonts, whatever the system has. */
const FONT_PACKAGES = ['fonts-liberation', 'fonts-dejavu-core']
const FONTS = {
  'sans-serif': ['Liberation Sans', 'DejaVu Sans'],
  serif: ['Liberation Serif', 'DejaVu Serif'],
  monospace: ['Liberation Mono', 'DejaVu Sans Mono'],
  Arial: ['Liberation Sans', 'DejaVu Sans'],
}
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
${Object.entries(FONTS)
  .map(([family, fonts]) => {
    const preferred = fonts.map((font) => `<family>${font}</family>`).join('')
    return `  <alias binding="same"><family>${family}</family><prefer>${preferred}</prefer></alias>\n`
  })
  .join('')}</fontconfig>
`

/** Of what the browser's packages want on a desktop: drivers of graphics cards, which a browser without a screen never loads. */
const isDriver = (name) => /^lib(llvm|z3|icu|drm-|gl[1xva]|sensors)/.test(name)

/**
 * Unpacks the Chromium of this Debian release that needs no screen, for the tests, with a font and with every library
 * but the C library: the same on every machine, whatever is installed there.
 */
export function unpackChromium(dir, servers, say) {
  return unpackAside(dir, async (temporary) => {
    const only = (name) =>
      /^(chromium|fonts)-/.test(name) || (isLibrary(name) && !isDriver(name) && name !== 'libc6')
    const packages = ['chromium-headless-shell', ...FONT_PACKAGES]
    await unpackPackages({ dir: temporary, packages, bare: true, only, say })
    writeFileSync(join(temporary, 'fonts.conf'), fontsConf)
    const folders = libraryFolders(temporary).flatMap((folder) => [folder, `${folder}/pulseaudio`])
    const path = folders.map((folder) => `$here/${folder}`).join(':')
    const program = 'root/usr/lib/chromium/chromium-headless-shell'
    for (const name of Object.keys(servers))
      writeScript(temporary, name, [
        'here=$(cd "$here" && pwd)', // fontconfig wants an absolute path
        `export LD_LIBRARY_PATH="${path}" FONTCONFIG_FILE="$here/fonts.conf"`,
        `exec "$here/${program}" "$@"`,
      ])
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

/** A script in `bin` for each of the servers that the packages hold. */
function writeWrappers(dir, servers, commandLines) {
  for (const [name, programs] of Object.entries(servers)) {
    const program = programs.map((file) => `root/usr/bin/${file}`).find((path) => existsSync(join(dir, path)))
    if (program === undefined) continue
    const { before, flags } = ownFiles(dir, program)
    const lines = [...before, ...commandLines(program)]
    writeScript(dir, name, [...lines.slice(0, -1), `${lines.at(-1)}${flags} "$@"`])
  }
}

/** `<dir>/bin/<our name>`: finds the unpacked libraries from `$here` and becomes the program, so that the pid is its. */
function writeScript(dir, name, lines) {
  mkdirSync(join(dir, 'bin'), { recursive: true })
  writeFileSync(join(dir, 'bin', name), `${['#!/bin/sh', 'here=${0%/*}/..', ...lines].join('\n')}\n`)
  chmodSync(join(dir, 'bin', name), 0o755)
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
