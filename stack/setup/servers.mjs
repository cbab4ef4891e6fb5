/**
 * Which real servers Slotwise runs, what they are called, and where they are looked for. Plain JavaScript: it is
 * used before anything is installed or built.
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** The root of this checkout. */
export const repoRoot = resolve(import.meta.dirname, '../..')

/** Our name of a server -> the program names it goes by on PATH and in a package. */
export const releaseServers = {
  'redis-server': ['redis-server'],
  'redis-cli': ['redis-cli'],
  'redis-benchmark': ['redis-benchmark'],
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
}

/** The same for what only the tests need besides. It comes from PATH too. */
export const testServers = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome', 'chromium-headless-shell'],
}

/** The same for the newer servers, which only the tests use. They are never taken from PATH. */
export const newerServers = {
  'redis8-server': ['redis-server'],
  'redis8-cli': ['redis-cli'],
  'valkey9-server': ['valkey-server'],
  'valkey9-cli': ['valkey-cli'],
  redis_exporter: ['prometheus-redis-exporter'],
  prometheus3: ['prometheus'],
  promtool3: ['promtool'],
  alertmanager3: ['prometheus-alertmanager'],
  amtool3: ['amtool'],
  'docker-compose': ['docker-compose'],
}

/** Where unpacked servers are kept; SLOTWISE_SERVERS lets several checkouts share one folder. */
export function serversDir(env = process.env) {
  return resolve(env.SLOTWISE_SERVERS ?? join(repoRoot, '.cache/servers'))
}

/** The folder of this machine's Debian release (`bookworm`), or undefined where the system is not a Debian. */
export function debianRelease(osRelease = readIfThere('/etc/os-release')) {
  const field = (name) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1]
  return field('ID') === 'debian' ? (field('VERSION_CODENAME') ?? 'sid') : undefined
}

/** The folder of what only the tests need, by the folder of its release: set up without fetching the servers again. */
export function testServersDir(release, env = process.env) {
  return join(serversDir(env), `${release}-chromium`)
}

/** The absolute path of a server, or undefined when it is neither on PATH nor unpacked. */
export function locateServer(name, env = process.env) {
  if (name in newerServers) return firstProgram([join(serversDir(env), 'newer/bin')], [name])
  const programs = releaseServers[name] ?? testServers[name] ?? []
  const onPath = firstProgram((env.PATH ?? '').split(delimiter).filter(Boolean), programs)
  const release = debianRelease()
  if (onPath !== undefined || release === undefined) return onPath
  const dir = name in testServers ? testServersDir(release, env) : join(serversDir(env), release)
  return firstProgram([join(dir, 'bin')], [name])
}

/** As `locateServer`, but a missing server is an error of one line that says what to do. */
export function findServer(name, env = process.env) {
  if (![releaseServers, testServers, newerServers].some((known) => name in known))
    throw new Error(`no server is called ${name}`)
  const path = locateServer(name, env)
  if (path === undefined) throw new Error(missingServers([name]))
  return path
}

/** The line a person gets when servers are missing. */
export function missingServers(names) {
  const these = names.join(', ')
  if (names.every((name) => name in newerServers))
    return `${these} not found: run \`node stack/newer-servers.mjs\` (on a Debian), which unpacks the newer servers the tests use`
  if (names.every((name) => name in testServers))
    return `${these} not found on PATH: ${debianRelease() ? 'run `npm test`, which unpacks it' : 'install Chromium or Google Chrome; the tests of the Grafana app run in it'}`
  if (debianRelease())
    return `${these} not found on PATH: run \`npm run setup\`, which unpacks what is missing`
  return `${these} not found on PATH: install Redis, Prometheus and Alertmanager with your package manager, or use \`docker compose up\``
}

function firstProgram(folders, names) {
  for (const folder of folders)
    for (const name of names) {
      const path = resolve(folder, name)
      if (isProgram(path)) return path
    }
  return undefined
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
