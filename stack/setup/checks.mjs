/** The pure parts of setup.mjs. */

const NODE_AT_LEAST = [20, 19]

/** Why this Node will not do, or undefined. */
export function nodeComplaint(version) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = NODE_AT_LEAST
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined
  return `Slotwise needs Node ${NODE_AT_LEAST.join('.')} or newer; this is ${version}. Install a newer one (nodejs.org), or use \`docker compose up\``
}

/** What the arguments ask for; a wrong one is an error with exit code 2. */
export function parseArguments(args) {
  const options = { help: false, quiet: false, purpose: undefined }
  for (const arg of args) {
    const purpose = /^--for=(start|test)$/.exec(arg)?.[1]
    if (arg === '--help' || arg === '-h') options.help = true
    else if (arg === '--quiet') options.quiet = true
    else if (purpose) options.purpose = purpose
    else throw Object.assign(new Error(`unknown argument ${arg}; see --help`), { exitCode: 2 })
  }
  return options
}
