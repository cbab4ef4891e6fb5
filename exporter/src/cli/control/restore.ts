import type { Command } from 'commander'
import { ConfigError } from '../../config/config.js'
import { eventOptions } from '../../config/event-options.js'
import type { Option } from '../../config/option.js'
import type { LogRestore } from '../../events/restore.js'
import { StreamsRestore } from '../../events/stores/redis-streams-restore.js'
import { SqliteRestore } from '../../events/stores/sqlite-restore.js'
import { loadConfig } from '../config.js'
import { streamsServer } from '../event-log.js'
import { flagsOf, withFlags } from '../flags.js'
import type { Terminal } from './terminal.js'

const OPTIONS: readonly Option[] = eventOptions.filter(
  ({ flag }) => flag !== 'events.url' && flag !== 'events.retention',
)

/** Gives a command the flags of `serve` for the server of the event log. */
export function withLogOptions(command: Command): Command {
  return withFlags(command, OPTIONS)
}

/**
 * Opens what takes a backup, at the place that a URL as that of `serve` names.
 * @param command has the other flags
 * @throws ConfigError | LogUnavailable
 */
export async function openRestore(url: string, command: Command, terminal: Terminal): Promise<LogRestore> {
  const config = loadConfig({ ...flagsOf(command.opts(), OPTIONS), 'events.url': url }, terminal.env)
  const { store } = config.events
  if (store === undefined) throw new ConfigError('--events.url: it is empty; say where the log is to be')
  if (store.type === 'file') return new SqliteRestore(store.path)
  return StreamsRestore.open(streamsServer(store.url, config, (message) => terminal.note(message)))
}
