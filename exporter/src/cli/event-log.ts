import { hostname } from 'node:os'
import { ConfigError, type Config } from '../config/config.js'
import type { EventLog } from '../events/log.js'
import type { StreamsServer } from '../events/stores/redis-streams-link.js'
import { openStreamsLog } from '../events/stores/redis-streams.js'
import { openSqliteLog } from '../events/stores/sqlite.js'
import { parseEndpoint } from '../redis/endpoint.js'
import { tlsOptions } from './fleet.js'
import { readSecret, type SecretOptions } from './secrets.js'

/**
 * How to open the event log that the configuration names.
 * @throws ConfigError it names none, or a file of it cannot be read
 */
export function eventLogOpener(
  config: Pick<Config, 'events' | 'strictFiles'>,
  warn: (message: string) => void,
): () => Promise<EventLog> {
  const { store } = config.events
  const source = `slotwise/${hostname()}`
  if (store === undefined) throw new ConfigError('--events.url: no event log is configured')
  if (store.type === 'file') return () => openSqliteLog({ path: store.path, source })
  const server = streamsServer(store.url, config, warn)
  return () => openStreamsLog({ ...server, source })
}

/** @throws ConfigError */
export function streamsServer(
  url: string,
  { events, strictFiles: strict }: Pick<Config, 'events' | 'strictFiles'>,
  warn: (message: string) => void,
): StreamsServer {
  const { password, passwordFile, tls, allowLoss } = events
  // The file is read at every connect; who may read it is looked at once.
  const read = (options: SecretOptions) =>
    passwordFile === '' ? password : readSecret(passwordFile, '--events.password-file', options)
  const given = read({ strict, warn }) !== ''
  return {
    ...addressOf(url),
    tls: tlsOptions(tls, '--events.tls'),
    allowLoss,
    ...(given && { password: () => read({ strict: false, warn: () => undefined }) }),
  }
}

function addressOf(url: string): Pick<StreamsServer, 'endpoint' | 'db'> {
  try {
    const endpoint = parseEndpoint(url)
    if (endpoint.path !== undefined) return { endpoint }
    const db = /^\/?(\d{0,5})$/.exec(new URL(url).pathname)?.[1]
    if (db === undefined)
      throw new Error('a number of a database may stand behind the port, and nothing else')
    return { endpoint, db: Number(db) }
  } catch (error) {
    throw new ConfigError(`--events.url: ${(error as Error).message}`)
  }
}
