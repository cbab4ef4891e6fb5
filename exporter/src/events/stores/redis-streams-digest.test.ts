import { expect, it } from 'vitest'
import { digestLog } from './redis-streams-digest.js'
import { Moved } from './redis-streams-link.js'

/** A log to which others append as soon as its events are read. */
function busyLog(append: () => Promise<unknown>, hold: (work: () => Promise<unknown>) => Promise<unknown>) {
  let last = 1
  let reads = 0
  const newest = () => [`${last}-0`, ['stream', 'cluster/a', 'type', 'a', 'hash', '', 'event', '{}']]
  const parts = {
    link: { name: 'redis://a', read: () => Promise.resolve([String(last), '0', [newest()], [], []]) },
    reader: {
      newest: () => Promise.resolve(undefined),
      ends: () => Promise.resolve({ last: String(last), trimmed: 0 }),
      log() {
        if (++reads > 1000) throw new Error('reads for ever')
        return Promise.resolve({ events: [], cursor: String(last++), done: false })
      },
    },
    writer: { append, hold },
    author: { source: 's', now: () => new Date(), newId: () => 'i' },
    told: {},
  }
  return parts as unknown as Parameters<typeof digestLog>[0]
}

it('gives up where other processes append as soon as events are read', async () => {
  const log = busyLog(
    () => Promise.reject(new Moved()),
    (work) => work(),
  )
  await expect(digestLog(log, false)).rejects.toThrow(/other processes append without pause/)
})

it('holds the appends of this process where they come between', async () => {
  let held = false
  const log = busyLog(
    () => (held ? Promise.resolve([]) : Promise.reject(new Moved())),
    (work) => {
      held = true
      return work()
    },
  )
  expect(await digestLog(log, false)).toEqual({})
})
