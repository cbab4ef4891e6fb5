import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { StoredEvent } from '../../contract/events.js'
import { ApiError, type ControlClient } from './client.js'
import { addBackupCommands } from './backup.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { renderEvent } from './render.js'
import { EVENT_NAMES, nameOf } from './sentences.js'
import type { Terminal } from './terminal.js'

interface EventFlags extends ApiFlags {
  readonly follow?: boolean
  readonly cluster?: string
  readonly type?: string
  readonly without?: string
  readonly operation?: string
  readonly limit: string
}

/** As the API takes them. */
type Filter = Readonly<Record<string, string>>

const PAGE = 1000
const MOST_MISSES = 120

/** `slotwise events` */
export function addEventsCommand(program: Command, terminal: Terminal): void {
  const events = addApiCommand(
    program,
    'events',
    'show the newest events, a line each (--json: a JSON document a line)',
  )
    .option('--follow', 'go on with what comes, until interrupted')
    .option('--cluster <name>', 'only those of this cluster and its operations')
    .option('--type <type>', 'only those of this type, e.g. operation.ended')
    .option('--without <type>', 'leave out those of this type, e.g. operation.progressed')
    .option('--operation <id>', 'only those of this operation and its plan')
    .option('--limit <number>', 'show this many of the newest', '20')
    .action(async (flags: EventFlags, command: Command) => {
      const { follow, cluster, type, without, operation, limit, json } = flags
      if (!/^\d{1,5}$/.test(limit))
        command.error(`error: --limit: '${limit}' is no number below 100000`, { exitCode: 2 })
      for (const [flag, name] of Object.entries({ type, without }))
        if (name !== undefined && !EVENT_NAMES.includes(nameOf({ type: name })))
          command.error(`error: --${flag}: there is no '${name}'; there are ${EVENT_NAMES.join(', ')}`, {
            exitCode: 2,
          })
      const filter = {
        ...(cluster !== undefined && { cluster }),
        ...(type !== undefined && { type }),
        ...(without !== undefined && { without }),
        ...(operation !== undefined && { stream: `operation/${operation}` }),
      }
      const show = (event: StoredEvent) => terminal.print(json ? JSON.stringify(event) : renderEvent(event))
      await runAgainstApi(command, terminal, async (client) => {
        const { events, next } = await newest(client, filter, Number(limit))
        events.forEach(show)
        if (follow) await followFrom(client, next, filter, show, terminal)
        return 0
      })
    })
  addBackupCommands(events, terminal)
}

/**
 * The newest events that fit the filter, the oldest of them first.
 * @returns and the place to follow from: behind the last of them, else behind what the log had before
 */
async function newest(client: ControlClient, filter: Filter, count: number) {
  const before = await client.call('listEvents', { query: { order: 'newest', limit: 1 } })
  const events: StoredEvent[] = []
  let next = ''
  for (let more = true; more && events.length < count;) {
    const limit = Math.min(PAGE, count - events.length)
    const page = await client.call('listEvents', {
      query: { ...filter, order: 'newest', limit, ...(next !== '' && { after: next }) },
    })
    events.push(...page.events)
    ;({ next, more } = page)
  }
  const from = (events[0] ?? before.events[0])?.position ?? before.next
  return { events: events.reverse(), next: from }
}

/** Follows, and takes up again where the stream broke off. */
async function followFrom(
  client: ControlClient,
  from: string,
  filter: Filter,
  show: (event: StoredEvent) => void,
  terminal: Terminal,
): Promise<void> {
  let after = from
  const onTrimmed = (through: string) => {
    after = through
    terminal.note('events of meanwhile are missing here: the retention has removed them')
  }
  let told = false
  for (let misses = 0; misses <= MOST_MISSES; misses++) {
    try {
      for await (const event of client.events(after, filter, onTrimmed)) {
        misses = 0
        told = false
        after = event.position
        show(event)
      }
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passing || misses === MOST_MISSES) throw error
      if (!told) terminal.note(`${error.message}; trying on`)
      told = true
    }
    await sleep(terminal.pollMs)
  }
}
