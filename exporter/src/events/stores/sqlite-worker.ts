import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { flatAnswers } from './sqlite-appends.js'
import { explain } from './sqlite-errors.js'
import { SqliteFile } from './sqlite-file.js'
import type { Answer, Handlers, JobName, Message, Request } from './sqlite-jobs.js'
import { SqliteLeases } from './sqlite-leases.js'
import { Pieces } from './sqlite-pieces.js'
import { UnusableFile } from './sqlite-schema.js'
import { SqliteSnapshots } from './sqlite-snapshots.js'
import { SqliteStore } from './sqlite-store.js'
import { FACT_JSON } from './sqlite-texts.js'

/**
 * The thread that has the SQLite file: it takes jobs one after the other and answers each. What blocks on the disk
 * blocks here.
 */
const port = parentPort!
const { posted } = workerData as { posted: Int32Array }
let path = ''
let opened: Opened | undefined

interface Opened {
  readonly file: SqliteFile
  readonly leases: SqliteLeases
  readonly snapshots: SqliteSnapshots
  readonly store: SqliteStore
}

const DOING: Record<JobName, string> = {
  open: 'opening it',
  append: 'appending',
  digest: 'appending a digest',
  readStream: 'reading',
  read: 'reading',
  readFacts: 'reading',
  head: 'reading',
  verify: 'reading',
  acquire: 'taking a lease',
  release: 'freeing a lease',
  leases: 'reading',
  loadSnapshot: 'reading',
  saveSnapshot: 'saving a snapshot',
  trim: 'removing old events',
  stats: 'measuring it',
  close: 'closing it',
}

function openAll(path: string): Opened {
  const file = new SqliteFile(path)
  try {
    const leases = new SqliteLeases(file)
    return { file, leases, snapshots: new SqliteSnapshots(file), store: new SqliteStore(file, leases) }
  } catch (error) {
    file.close()
    throw error
  }
}

const the = <P extends keyof Opened>(part: P): Opened[P] => {
  if (opened === undefined) throw new Error('it is not open')
  return opened[part]
}
const store = () => the('store')

const handlers: Handlers = {
  open(args) {
    path = args.path
    // In a new file nobody would find what was acknowledged.
    if (args.again && !existsSync(path))
      throw new UnusableFile('was moved or deleted; put it back with its -wal, or restart to begin a new log')
    opened = openAll(path)
    return undefined
  },
  digest: ({ author, snapshots }) => store().digest(author, the('snapshots'), snapshots),
  readStream: ({ stream, afterVersion, limit }) => store().readStream(stream, afterVersion, limit),
  read: (query) => store().read(query),
  readFacts: (query) => store().read(query, FACT_JSON),
  head: () => store().head(),
  verify: ({ anchors }) => store().verify(anchors, the('snapshots')),
  acquire: ({ lease, owner, ttlMs }) => the('leases').acquire(lease, owner, ttlMs),
  release(fence) {
    the('leases').release(fence)
    return undefined
  },
  leases: () => the('leases').all(),
  loadSnapshot: ({ fold, format }) => the('snapshots').load(fold, format),
  saveSnapshot({ fold, format, ...snapshot }) {
    the('snapshots').save(fold, format, snapshot)
    return undefined
  },
  trim: (order) => store().trim({ ...order, covered: the('snapshots').oldest() }),
  stats: () => store().stats(),
  close() {
    opened?.file.close()
    opened = undefined
    return undefined
  },
}

async function answer({ id, job, args }: Request): Promise<Answer> {
  try {
    const handle = handlers[job as keyof Handlers] as (args: unknown) => unknown
    return { id, result: await handle(args) }
  } catch (error) {
    return { id, failed: explain(path, DOING[job], error) }
  }
}

/** Appends a group, in this turn. */
function append(first: Message): Answer {
  const pieces = new Pieces(first, port, posted)
  try {
    const answers = store().append(pieces)
    return { id: pieces.request().id, result: flatAnswers(answers) }
  } catch (error) {
    return { id: pieces.request().id, failed: explain(path, DOING.append, error) }
  }
}

/** Whether another processor runs the main thread meanwhile. */
const MAY_LINGER = availableParallelism() > 1
const LINGER_MOST_MS = 0.25

/**
 * Stays awake for the next append of somebody who waited for this one: to wake this thread takes as long as a fifth of a
 * commit. Of a larger append the next one takes longer to come.
 * @param seen how much was sent before the answer
 * @param tookMs the append
 */
function linger(seen: number, tookMs: number): void {
  const end = performance.now() + Math.min(tookMs / 3, LINGER_MOST_MS)
  while (MAY_LINGER && Atomics.load(posted, 0) === seen && performance.now() < end);
}

port.on('message', (message: Message) => {
  if ('piece' in message || message.job === 'append') {
    const from = performance.now()
    const answer = append(message)
    const seen = Atomics.load(posted, 0)
    port.postMessage(answer)
    linger(seen, performance.now() - from)
    return
  }
  void answer(message).then((answered) => {
    port.postMessage(answered)
    if (message.job === 'close') port.close()
  })
})
