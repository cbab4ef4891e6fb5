#!/usr/bin/env node
/** Unpacks the newer servers the tests compare with; see --help. Plain JavaScript: usable before the install. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { newerServers, serversDir } from './setup/servers.mjs'
import { unpackNewer } from './setup/unpack.mjs'

const HELP = `usage: node stack/newer-servers.mjs [DIR]

Puts newer servers than this Debian release has into DIR/bin (default: .cache/servers/newer), from packages of Debian's
development suite, without installing anything: they are only unpacked and run with the libraries unpacked beside them.
Does nothing where DIR is complete.

  ${Object.keys(newerServers).join(' ')}
`

/** Makes `dir` complete; returns whether there was anything to do. */
export async function getNewerServers(dir, say) {
  const missing = () => Object.keys(newerServers).filter((name) => !existsSync(join(dir, 'bin', name)))
  if (missing().length === 0) return false
  say('getting the newer servers that the tests use')
  await unpackNewer(dir, newerServers, say)
  if (missing().length > 0)
    throw new Error(`the packages of the newer servers hold no ${missing().join(', ')}`)
  return true
}

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(HELP)
  const bad = args.find((arg) => arg.startsWith('-')) ?? args[1]
  if (bad !== undefined) {
    process.stderr.write(`newer-servers: unknown argument ${bad}; see --help\n`)
    process.exitCode = 2
    return
  }
  const dir = resolve(args[0] ?? join(serversDir(), 'newer'))
  try {
    await getNewerServers(dir, (line) => process.stderr.write(`${line}\n`))
    process.stdout.write(`${join(dir, 'bin')}\n`)
  } catch (error) {
    process.stderr.write(`newer-servers: ${error.message}\n`)
    process.exitCode = 1
  }
}

if (process.argv[1] && resolve(process.argv[1]) === import.meta.filename) await main(process.argv.slice(2))
