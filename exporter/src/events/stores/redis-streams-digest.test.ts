import { expect, it } from 'vitest'
import { digestLog } from './redis-streams-digest.js'
import { Moved } from './redis-streams-link.js'

it('gives up where events are appended as soon as they are read', async () => {
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
    writer: { append: () => Promise.reject(new Moved()) },
    author: { source: 's', now: () => new Date(), newId: () => 'i' },
    told: {},
  }
  await expect(digestLog(parts as unknown as Parameters<typeof digestLog>[0], false)).rejects.toThrow(
    /events are appended without pause/,
  )
})
