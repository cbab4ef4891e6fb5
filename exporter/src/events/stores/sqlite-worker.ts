import { parentPort } from 'node:worker_threads'
import { explain } from './sqlite-errors.js'
import type { Answer, Handlers, JobName, Request } from './sqlite-jobs.js'
import { SqliteStore } from './sqlite-store.js'

/**
 * The thread that has the SQLite file: it takes jobs one after the other and answers each. What blocks on the disk
 * blocks here.
 */
const port = parentPort!
let path = ''
let opened: SqliteStore | undefined

const DOING: Record<JobName, string> = {
  open: 'opening it',
  append: 'appending',
  digest: 'appending a digest',
  readStream: 'reading',
  read: 'reading',
  head: 'reading',
  verify: 'reading',
  close: 'closing it',
}

const store = () => {
  if (opened === undefined) throw new Error('it is not open')
  return opened
}

const handlers: Handlers = {
  open(args) {
    path = args.path
    opened = new SqliteStore(path)
    return opened.stats()
  },
  append: ({ appends }) => ({ outcomes: store().append(appends), stats: store().stats() }),
  digest: (author) => ({ appended: store().digest(author), stats: store().stats() }),
  readStream: ({ stream, afterVersion, limit }) => store().readStream(stream, afterVersion, limit),
  read: (query) => store().read(query),
  head: () => store().head(),
  verify: ({ anchor }) => store().verify(anchor),
  close() {
    opened?.close()
    opened = undefined
    return undefined
  },
}

async function answer({ id, job, args }: Request): Promise<Answer> {
  try {
    const handle = handlers[job] as (args: unknown) => unknown
    return { id, result: await handle(args) }
  } catch (error) {
    return { id, failed: explain(path, DOING[job], error) }
  }
}

port.on('message', (request: Request) => {
  void answer(request).then((answered) => {
    port.postMessage(answered)
    if (request.job === 'close') port.close()
  })
})
