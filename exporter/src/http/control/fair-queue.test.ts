import { expect, it } from 'vitest'
import { FairQueue } from './fair-queue.js'

/** Something that ends when told. */
function task() {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve: () => resolve() }
}

it('gives turns to those who ask, not to what they ask', async () => {
  const queue = new FairQueue(1)
  const first = task()
  const order: string[] = []
  const run = (who: string, promise = Promise.resolve()) =>
    queue.run(who, () => {
      order.push(who)
      return promise
    })
  const all = [run('busy', first.promise), run('busy'), run('busy'), run('busy'), run('late'), run('later')]
  first.resolve()
  await Promise.all(all)
  expect(order).toEqual(['busy', 'busy', 'late', 'later', 'busy', 'busy'])
})

it('lets no one wait more often than it may, and goes on after what failed', async () => {
  const queue = new FairQueue(1, 2)
  const first = task()
  const failing = queue.run('a', () => first.promise.then(() => Promise.reject(new Error('failed'))))
  const waiting = [queue.run('a', () => Promise.resolve(1)), queue.run('a', () => Promise.resolve(2))]
  await expect(queue.run('a', () => Promise.resolve(3))).rejects.toMatchObject({ code: 'rate-limited' })
  waiting.push(queue.run('b', () => Promise.resolve(4)))
  first.resolve()
  await expect(failing).rejects.toThrow('failed')
  expect(await Promise.all(waiting)).toEqual([1, 2, 4])
})
