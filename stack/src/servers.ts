/**
 * Where the real servers are: on PATH, or unpacked by `npm run setup` into .cache/servers.
 * The look-up itself is plain JavaScript, because the set-up needs it before anything is built.
 */
export { findServer, locateServer, missingServers, repoRoot, type ServerName } from '../setup/servers.mjs'
