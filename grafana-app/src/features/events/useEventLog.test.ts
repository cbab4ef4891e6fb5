import { expect, test } from 'vitest'
import type { StoredEvent } from '../../api/contract'
import { withNewer } from './useEventLog'

/** Of these positions, newest first. */
const events = (newest: number, oldest: number) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => {
    const position = String(newest - index)
    return { id: position, position } as StoredEvent
  })
const page = (newest: number, oldest: number) => ({
  events: events(newest, oldest),
  next: String(oldest),
  more: oldest > 1,
})

test('newer events come before the first page, none twice', () => {
  const pages = { pages: [page(8, 6), page(5, 1)], pageParams: ['', '6'] }
  expect(withNewer(pages, events(9, 7))).toEqual({ ...pages, pages: [page(9, 6), page(5, 1)] })
  expect(withNewer(pages, events(8, 8))).toBe(pages)
})

test('a page that is open for long does not grow for ever; what is let go can be read again', () => {
  const pages = { pages: [page(1002, 101), page(100, 1)], pageParams: ['', '101'] }
  expect(withNewer(pages, events(1200, 1003))).toEqual({ pages: [page(1200, 201)], pageParams: [''] })
})
