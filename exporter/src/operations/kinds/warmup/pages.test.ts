import { beforeEach, describe, expect, it } from 'vitest'
import { noCounts, type Counts } from './counts.js'
import { Item } from './item.js'
import { Pages } from './pages.js'
import { SlotSet } from '../../slots/slot-set.js'

let counts: Counts
let pages: Pages<string>
const item = (slot = 0) => new Item(Buffer.from('$1\r\nk\r\n'), slot)
const open = (again = new SlotSet()) =>
  new Pages('0', { counts, shards: new Map(), again, settled: () => undefined, failed: () => undefined })

beforeEach(() => {
  counts = noCounts()
  pages = open()
})

describe('Pages', () => {
  it('moves its mark only over pages whose keys have all been answered, in order', () => {
    const [first, second] = [pages.open('a'), pages.open('b')]
    first.expect(1)
    second.expect(1)
    first.complete()
    second.complete()
    second.settle(item(), 'written', 's')
    expect([pages.mark, counts.written]).toEqual(['0', 0])
    first.settle(item(), 'existing', 's')
    expect([pages.mark, counts]).toEqual(['b', { ...noCounts(), read: 2, written: 1, existing: 1 }])
  })

  it('does not take a page for done that may get more keys', () => {
    const page = pages.open('a')
    page.expect(1)
    page.settle(item(), 'written', 's')
    expect(pages.mark).toBe('0')
    page.complete()
    expect(pages.mark).toBe('a')
  })

  it('counts of slots that were counted before only what is written now', () => {
    pages = open(new SlotSet([[5, 5]]))
    const page = pages.open('a')
    page.expect(3)
    page.settle(item(5), 'existing', 's')
    page.settle(item(5), 'written', 's')
    page.settle(item(6), 'existing', 's')
    page.drop('excluded', 5)
    page.complete()
    expect(counts).toEqual({ ...noCounts(), read: 2, written: 1, existing: 1 })
  })

  it('gives up with the reason, when what was sent has its answer, and counts that', async () => {
    const page = pages.open('a')
    page.expect(1)
    pages.fail(new Error('why'))
    await expect(pages.below(1)).rejects.toThrow('why')
    const over = pages.giveUp()
    page.settle(item(), 'written', 's')
    await over
    expect([pages.mark, counts.written]).toEqual(['0', 1])
  })

  it('does not wait for answers that will not come once it is told to count', async () => {
    const page = pages.open('a')
    page.expect(1)
    pages.fail(new Error('cancelled'))
    const over = pages.giveUp()
    pages.countNow()
    await over
    expect(pages.mark).toBe('0')
  })
})
