import { expect, it } from 'vitest'
import { noCounts } from './counts.js'
import { Doubt } from './doubt.js'
import { itemOf } from './pass.js'
import { SlotSet } from '../../slots/slot-set.js'
import { pagesOf, type Work } from './work.js'

/** A run whose checkpoints become durable when a test says so. */
function run(before = 0) {
  let kept = before
  let saves = 0
  const waiting: (() => void)[] = []
  const doubt: Doubt = new Doubt(before, 0, async () => {
    saves++
    const mark = doubt.mark()
    await new Promise<void>((resolve) => waiting.push(resolve))
    kept = mark.doubt
    mark.confirm()
  })
  return {
    doubt,
    get kept() {
      return kept
    },
    get saves() {
      return saves
    },
    /** Lets all that is asked for become durable, until nothing is asked for any more. */
    async settle() {
      for (let idle = 0; idle < 10; idle++) {
        await Promise.resolve()
        if (waiting.length > 0) idle = 0
        waiting.shift()?.()
      }
    },
  }
}

it('has a checkpoint say that keys may be sent before they are', async () => {
  const it = run()
  let admitted = false
  const asked = it.doubt.admit(10).then(() => (admitted = true))
  for (let i = 0; i < 10; i++) await Promise.resolve()
  expect([admitted, it.saves]).toEqual([false, 1])
  await it.settle()
  await asked
  expect(it.kept).toBeGreaterThanOrEqual(10)
})

it('never has more keys on their way than the checkpoint says that holds, and soon few checkpoints', async () => {
  const it = run()
  let sent = 0
  for (let i = 0; i < 2000; i++) {
    const asked = it.doubt.admit(100)
    await it.settle()
    await asked
    sent += 100
    expect(it.kept).toBeGreaterThanOrEqual(sent)
  }
  expect(it.saves).toBeLessThan(20)
})

it('takes what is counted, or was not sent, for certain', async () => {
  const it = run()
  void it.doubt.admit(100)
  await it.settle()
  it.doubt.settle(100)
  expect(it.doubt.mark().doubt).toBe(200)
  expect(it.doubt.mark().doubt).toBe(200)
  expect(it.doubt.most(1000)).toBe(0)
})

it('goes on with what a former process had, and adds keys that are found after no answer had come', () => {
  const { doubt } = run(30)
  const counts = noCounts()
  const pace = { settled: () => undefined }
  const pages = pagesOf({ doubt, pace, shards: new Map() } as unknown as Work, 0, counts, new SlotSet())
  const items = ['a', 'b', 'c'].map((name) => itemOf(Buffer.from(`$1\r\n${name}\r\n`)))
  items[0]!.unanswered = items[1]!.unanswered = true
  const page = pages.open(1)
  page.expect(2)
  page.settle(items[0]!, 'existing', 's')
  page.settle(items[2]!, 'existing', 's')
  expect(doubt.most(1000)).toBe(31)
  expect(doubt.most(20)).toBe(20)
})

it('has what it wrote among the keys that it finds in slots that were counted before, too', () => {
  const { doubt } = run(30)
  doubt.passOver()
  expect(doubt.most(0)).toBe(1)
})
