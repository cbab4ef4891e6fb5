#!/usr/bin/env node
/**
 * `npm run setup`: the workspace's packages, the real servers, the build. Also the first half of `npm start` and
 * `npm test` (`--quiet`: says only what takes time; `--for=test`: what only the tests need as well). Runs before the
 * install, hence plain JavaScript without dependencies. Doing it again does only what is missing.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getNewerServers } from './newer-servers.mjs'
import { appParts, markBuilt, sourceDigest, staleParts } from './setup/app.mjs'
import { nodeComplaint, parseArguments } from './setup/checks.mjs'
import {
  debianRelease,
  locateServer,
  missingServers,
  releaseServers,
  repoRoot,
  serversDir,
  testServers,
  testServersDir,
} from './setup/servers.mjs'
import { unpackChromium, unpackRelease } from './setup/unpack.mjs'

const PNPM = 'pnpm@10.34.9'
const HELP = `usage: node stack/setup.mjs [--quiet] [--for=start|test]

Installs the workspace's packages, gets the real servers (from PATH, else unpacked into .cache/servers) and builds.
--for=test gets what only the tests need as well: a Chromium, and the newer servers.
`

async function main() {
  const { help, quiet, purpose } = parseArguments(process.argv.slice(2))
  if (help) return void process.stdout.write(HELP)
  const complaint = nodeComplaint(process.versions.node)
  if (complaint) throw new Error(complaint)
  const say = (line) => process.stdout.write(`${line}\n`)
  await installPackages(say)
  await getServers(say)
  if (purpose === 'test') await getTestServers(say)
  await build(say)
  if (!quiet)
    say(
      'set up: `npm start` starts the stack, `npm test` runs the tests, node_modules/.bin/slotwise is the program',
    )
}

/** Installs what the lockfile says, unless that is what was installed last. */
async function installPackages(say) {
  const stamp = join(repoRoot, 'node_modules/.slotwise-install')
  const folders = readdirSync(repoRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const files = [
    'pnpm-lock.yaml',
    'package.json',
    ...folders.map((folder) => join(folder.name, 'package.json')),
  ]
  const hash = createHash('sha256')
  for (const file of files.map((name) => join(repoRoot, name)).filter(existsSync))
    hash.update(readFileSync(file))
  const digest = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  say('installing the packages of the workspace (some 10 seconds)')
  await run(
    'npx',
    ['-y', PNPM, 'install', '--frozen-lockfile', '--config.confirm-modules-purge=false'],
    'the install failed',
  )
  writeFileSync(stamp, digest)
}

async function getServers(say) {
  const missing = () => Object.keys(releaseServers).filter((name) => locateServer(name) === undefined)
  const before = missing()
  if (before.length === 0) return
  const release = debianRelease()
  if (release === undefined) throw new Error(missingServers(before))
  say(
    `getting ${before.join(', ')} from Debian's packages: unpacked into .cache/servers, nothing is installed`,
  )
  const otherwise = `install ${before.join(', ')} by hand, or use \`docker compose up\``
  await unpackRelease(join(serversDir(), release), releaseServers, say).catch((error) => {
    throw new Error(`${error.message}; try again, ${otherwise}`)
  })
  if (missing().length > 0) throw new Error(`Debian's packages hold no ${missing().join(', ')}; ${otherwise}`)
}

/** Elsewhere than on a Debian the tests that need one of these say so themselves. */
async function getTestServers(say) {
  const release = debianRelease()
  if (release === undefined) return
  const missing = Object.keys(testServers).filter((name) => locateServer(name) === undefined)
  if (missing.length > 0) {
    say('getting the Chromium that the tests of the Grafana app run in')
    await unpackChromium(testServersDir(release), testServers, say)
  }
  await getNewerServers(join(serversDir(), 'newer'), say)
}

async function build(say) {
  const tsc = join(repoRoot, 'node_modules/typescript/bin/tsc')
  if (!existsSync(join(repoRoot, 'stack/dist'))) say('building')
  await run(process.execPath, [tsc, '-b'], 'the build failed')
  const stale = staleParts()
  if (stale.length > 0) say(`building the ${stale.join(' and the ')} of the Grafana app`)
  await Promise.all(stale.map(buildPart))
}

/** A part of the Grafana app: not TypeScript's own business, and too slow to do when nothing has changed. */
async function buildPart(name) {
  const { sources, script } = appParts[name]
  const digest = sourceDigest(repoRoot, sources)
  await run(process.execPath, [join(repoRoot, script)], `the build of the ${name} failed`)
  markBuilt(name, digest)
}

/** Runs a command quietly; what it printed is shown when it fails. */
function run(command, args, failure) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: repoRoot, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.on('error', (error) => reject(new Error(`${failure}: cannot run ${command}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve()
      process.stderr.write(output)
      reject(new Error(`${failure} (${signal ?? `exit code ${code}`}); its words are above`))
    })
  })
}

try {
  await main()
} catch (error) {
  process.stderr.write(`setup: ${error.message}\n`)
  process.exitCode = error.exitCode ?? 1
}
