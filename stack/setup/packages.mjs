/**
 * Debian packages without installing them: apt resolves and downloads into a private state, dpkg-deb unpacks. No
 * root, no system service, nothing changes outside the folder. Plain JavaScript, as setup.mjs.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The Debian archives this machine's apt knows, from `apt-get indextargets`: other people's archives (which may be
 * slow, broken or need a login) are left out.
 * @param lines `repository URI|suite|component` a line
 * @returns lines of a sources.list, and the URI of the main archive
 */
export function debianSources(lines, signedBy) {
  const options = signedBy ? `[signed-by=${signedBy}] ` : ''
  const archives = lines
    .map((line) => line.trim().split('|'))
    .filter(([uri, , component]) => component === 'main' && /\/debian(-security)?(\/|$)/.test(uri))
  const sources = archives.map(([uri, suite]) => `deb ${options}${uri} ${suite} main`)
  return { sources: [...new Set(sources)], mirror: archives.find(([uri]) => /\/debian\/?$/.test(uri))?.[0] }
}

/** The packages in the output of `apt-get --print-uris install`: `{name, bytes}` each. */
export function resolvedPackages(printUris) {
  return [...printUris.matchAll(/^'[^']+' ([^_\s]+)_\S+ (\d+)/gm)].map(([, name, bytes]) => ({
    name,
    bytes: Number(bytes),
  }))
}

/**
 * Downloads packages and what they need, and unpacks all of it.
 * @param options.dir folder to work in, which must be private to this call; the files come to `<dir>/root`
 * @param options.packages what to get
 * @param options.suite another suite than this system's (`sid`)
 * @param options.bare the dependencies are resolved as on an empty system, down to the C library; always so with a suite
 * @param options.only which of the resolved packages to keep
 * @throws an error of one line when there is no apt, no archive, no network, or no such package
 */
export async function unpackPackages({ dir, packages, suite, bare = false, only = () => true, say }) {
  const apt = await privateApt(dir, suite, bare)
  say(`reading the package lists of Debian ${suite ?? 'for this release'} (about 10 MB)`)
  await run('apt-get', [...apt, '-qq', 'update'])
  const wanted = await resolvable(apt, packages)
  const uris = await run('apt-get', [
    ...apt,
    '-qq',
    '-y',
    '--no-install-recommends',
    '--print-uris',
    'install',
    ...wanted,
  ])
  const kept = resolvedPackages(uris).filter(({ name }) => only(name))
  const names = kept.map(({ name }) => name)
  const megabytes = Math.ceil(kept.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6)
  say(`downloading ${names.length} packages (${megabytes} MB, ${waitFor(megabytes)} on a slow line)`)
  const debs = join(dir, 'deb')
  mkdirSync(debs)
  if (names.length > 0) await run('apt-get', [...apt, '-qq', 'download', ...names], debs)
  say('unpacking')
  for (const deb of readdirSync(debs)) await run('dpkg-deb', ['-x', join(debs, deb), join(dir, 'root')])
}

/** What 1 MB/s takes. */
function waitFor(megabytes) {
  return megabytes <= 60 ? 'a minute' : `${Math.ceil(megabytes / 60)} minutes`
}

/** apt-get's options that keep lists, cache and locks inside `dir`, and read Debian's archives alone. */
async function privateApt(dir, suite, bare) {
  const signedBy = existsSync(KEYRING) ? KEYRING : undefined
  const targets = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)|$(RELEASE)|$(COMPONENT)',
    'Created-By: Packages',
  ])
  const { sources, mirror } = debianSources(targets.split('\n'), signedBy)
  if (mirror === undefined)
    throw new Error("apt's sources (/etc/apt/sources.list.d) name no Debian archive to read from")
  const options = signedBy ? `[signed-by=${signedBy}] ` : ''
  for (const folder of ['root', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(dir, folder), { recursive: true })
  const list = join(dir, 'sources.list')
  writeFileSync(list, suite ? `deb ${options}${mirror} ${suite} main\n` : `${sources.join('\n')}\n`)
  return [
    ['Dir::Etc::sourcelist', list],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::State::Lists', join(dir, 'lists')],
    ['Dir::Cache', join(dir, 'cache')],
    ['Debug::NoLocking', '1'],
    ['APT::Sandbox::User', 'root'],
    ['Acquire::Languages', 'none'],
    ['Acquire::Retries', '2'],
    ['Acquire::http::Timeout', '30'],
    ['APT::Update::Error-Mode', 'any'],
    ...(suite || bare ? [['Dir::State::status', '/dev/null']] : []),
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** Those of the packages that this suite has: a tool may be a package of its own in one release and not in another. */
async function resolvable(apt, packages) {
  const known = new Set((await run('apt-cache', [...apt, 'pkgnames'])).split('\n'))
  return packages.filter((name) => known.has(name))
}

const running = new Set()

/** Ends the programs that `unpackPackages` is running: for a set-up that is interrupted. */
export function endPrograms() {
  for (const child of running) child.kill('SIGKILL')
}

/** Runs a program to its end and returns what it printed; its error is what it said last. */
function run(command, args, cwd) {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
    running.add(child)
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (data) => (output.stdout += data))
    child.stderr.on('data', (data) => (output.stderr += data))
    child.on('error', (error) => reject(new Error(`cannot run ${command}: ${error.message}`)))
    child.on('close', (code) => {
      running.delete(child)
      if (code === 0) return resolvePromise(output.stdout)
      const lines = output.stderr.trim().split('\n')
      const said = lines.find((line) => line.startsWith('E: ')) ?? lines.at(-1)
      reject(new Error(`${command} failed: ${said?.replace(/^E: /, '') || `exit code ${code}`}`))
    })
  })
}
