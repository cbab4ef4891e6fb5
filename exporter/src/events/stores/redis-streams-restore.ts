import { randomUUID } from 'node:crypto'
import type { CommandLink } from '../../redis/command-link.js'
import type { FoldSnapshot } from '../backup.js'
import { toRow, type EventRow, type Head } from '../chain.js'
import { LogUnavailable } from '../log.js'
import type { LogRestore } from '../restore.js'
import type { Cut } from '../trim.js'
import { Verifier } from '../verifier.js'
import { refusal } from './redis-streams-checks.js'
import { explain } from './redis-streams-errors.js'
import {
  HEADS,
  headText,
  Indexes,
  LEASES,
  LOG,
  META,
  pairs,
  SNAPSHOTS,
  STATES,
  toEvent,
  type Entry,
} from './redis-streams-keys.js'
import { cliOf, connect, evaluate, factsOf, nameOf, type StreamsServer } from './redis-streams-link.js'
import { RESTORING, SCHEMA_VERSION, unguarded, WRITE, type Script } from './redis-streams-scripts.js'

/** What a log has besides its indexes. */
const OWN = [META, LOG, HEADS, LEASES, SNAPSHOTS, STATES]
/** Events, heads or keys that share a round trip, and characters of events, at most. */
const BATCH = 500
const BATCH_CHARACTERS = 4 * 1024 ** 2

/** KEYS those of OWN. ARGV 1 id of this restore. Answers `ok`, or `there` and the schema of what is there. */
const BEGIN = unguarded(`
if redis.call('EXISTS', unpack(KEYS)) > 0 then return {'there', redis.call('HGET', KEYS[1], 'schema') or ''} end
redis.call('HSET', KEYS[1], 'schema', '${RESTORING}', 'restore', ARGV[1])
return {'ok'}
`)

/** What the others do first. KEYS 1 meta. ARGV 1 id of this restore. */
const OURS = `if redis.call('HGET', KEYS[1], 'restore') ~= ARGV[1] then return {'taken'} end\n`

/** KEYS 2 log, from 3 on the indexes. ARGV for each event: its position, and what WRITE takes. */
const EVENTS = unguarded(`${OURS}${WRITE}
for i = 2, #ARGV, 9 do write(ARGV[i], i + 1) end
return {'ok'}
`)

/** KEYS 2 a hash. ARGV its fields and values. */
const FIELDS = unguarded(`${OURS}
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return {'ok'}
`)

/** From here on it is a log. ARGV fields and values of meta. */
const FINISH = unguarded(`${OURS}
redis.call('DEL', KEYS[1])
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return {'ok'}
`)

/** KEYS from 2 on what goes; meta itself where there is none. */
const REMOVE = unguarded(`${OURS}
for i = math.min(2, #KEYS), #KEYS do redis.call('DEL', KEYS[i]) end
return {'ok'}
`)

/**
 * Takes a backup into a server that has no log. Until all is there and was read back, a mark keeps every Slotwise from
 * using it, also when this program is killed.
 */
export class StreamsRestore implements LogRestore {
  readonly #id = randomUUID()
  readonly #keys = new Set<string>(OWN)
  readonly #heads = new Map<string, Head>()
  #cut: Cut | undefined
  #rows: EventRow[] = []
  #characters = 0
  #last = 0

  private constructor(
    private readonly server: StreamsServer,
    private readonly link: CommandLink,
  ) {}

  /** @throws LogUnavailable the server cannot be reached, must not keep a log, or has one */
  static async open(server: StreamsServer): Promise<StreamsRestore> {
    const name = nameOf(server)
    const link = await connect(server).catch((error: unknown) => {
      throw explain(name, 'connecting', error)
    })
    try {
      const refused = refusal(await factsOf(link), server.allowLoss ?? false)
      if (refused !== undefined) throw new LogUnavailable(`event log ${name} is not used: ${refused}`)
      const restore = new StreamsRestore(server, link)
      await restore.#run(BEGIN, OWN)
      return restore
    } catch (error) {
      link.close()
      throw error instanceof LogUnavailable ? error : explain(name, 'looking at it', error)
    }
  }

  get #name(): string {
    return nameOf(this.server)
  }

  begin(cut: Cut | undefined): void {
    this.#cut = cut
    this.#last = Number(cut?.through ?? 0)
    for (const [stream, head] of cut?.heads ?? []) this.#heads.set(stream, head)
  }

  event(row: EventRow): void | Promise<void> {
    this.#rows.push(row)
    this.#characters += row.data.length
    if (this.#rows.length >= BATCH || this.#characters >= BATCH_CHARACTERS) return this.#write()
  }

  async snapshot({ fold, format, position, state }: FoldSnapshot): Promise<void> {
    await this.#run(FIELDS, [META, STATES], [fold, JSON.stringify(state)])
    await this.#run(FIELDS, [META, SNAPSHOTS], [fold, `${format} ${position}`])
  }

  async finish(floor: number): Promise<void> {
    await this.#write()
    const heads = [...this.#heads].map(([stream, head]) => [stream, headText(head)])
    for (let i = 0; i < heads.length; i += BATCH)
      await this.#run(FIELDS, [META, HEADS], heads.slice(i, i + BATCH).flat())
    await this.#readBack()
    const meta = {
      schema: SCHEMA_VERSION,
      log: randomUUID(),
      last: this.#last,
      trimmed: this.#cut?.through ?? 0,
      floor,
    }
    await this.#run(FINISH, [META], Object.entries(meta).flat().map(String))
    this.link.close()
  }

  /** The mark goes last: what is left of a log is none. What cannot be taken away stays behind it. */
  async abandon(): Promise<void> {
    const keys = [...this.#keys].filter((key) => key !== META)
    try {
      for (let i = 0; i < keys.length; i += BATCH)
        await this.#run(REMOVE, [META, ...keys.slice(i, i + BATCH)], [])
      await this.#run(REMOVE, [META])
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error
    } finally {
      this.link.close()
    }
  }

  async #write(): Promise<void> {
    const rows = this.#rows.splice(0)
    this.#characters = 0
    if (rows.length === 0) return
    const indexes = new Indexes(2)
    const args = rows.flatMap((row) => [row.position, ...indexes.argumentsOf(row)])
    for (const key of indexes.keys) this.#keys.add(key)
    for (const row of rows) this.#heads.set(row.stream, row)
    await this.#run(EVENTS, [META, LOG, ...indexes.keys], args)
    this.#last = Number(rows.at(-1)!.position)
  }

  /** What the server has is what was in order: each event, each chain, each head. */
  async #readBack(): Promise<void> {
    const verifier = new Verifier([], this.#cut)
    let last = ''
    for (let entries: Entry[], from = '-'; ; from = `(${entries.at(-1)![0]}`) {
      entries = (await this.#ask('XRANGE', LOG, from, '+', 'COUNT', String(BATCH))) as Entry[]
      for (const entry of entries) {
        const row = toRow(toEvent(entry))
        verifier.add(row)
        last = row.position
      }
      if (entries.length < BATCH) break
    }
    const heads = new Map(pairs((await this.#ask('HGETALL', HEADS)) as string[]))
    const { problems } = verifier.report()
    const differs = [...this.#heads].find(([stream, head]) => heads.get(stream) !== headText(head))
    if (problems.length === 0 && !differs && last === String(this.#last)) return
    const what = problems[0] ?? (differs ? `the head of ${differs[0]} is another` : `it ends at ${last}`)
    throw new LogUnavailable(
      `event log ${this.#name}: read back, it is not what was written (${what}); who else writes there?`,
    )
  }

  async #ask(...command: [string, ...string[]]): Promise<unknown> {
    return this.link.call(...command).catch((error: unknown) => {
      throw explain(this.#name, 'reading', error)
    })
  }

  async #run(script: Script, keys: readonly string[], args: readonly string[] = []): Promise<void> {
    const answer = await evaluate(this.link, script, keys, [this.#id, ...args]).catch((error: unknown) => {
      throw explain(this.#name, 'writing', error, true)
    })
    const [kind, schema] = answer as [string, string?]
    if (kind === 'ok') return
    throw new LogUnavailable(
      `event log ${this.#name}: ${kind === 'there' ? isThere(schema, cliOf(this.server)) : TAKEN}`,
    )
  }
}

const TAKEN = 'somebody took away what was restored so far, or restores there, too; nothing is a log there'

function isThere(schema: string | undefined, cli: string): string {
  if (schema !== RESTORING)
    return (
      'there is a log already; give another server or another number of a database, or take that one away first ' +
      `(slotwise events backup, stop all processes, ${cli} FLUSHDB)`
    )
  return (
    'another restore is at work there, or one broke off. If none is, take away what it left: ' +
    `${cli} --scan --pattern 'slotwise:{log}:*' | xargs ${cli} DEL`
  )
}
