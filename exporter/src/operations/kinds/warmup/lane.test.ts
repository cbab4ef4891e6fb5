import { expect, it, vi } from 'vitest'
import { encodePipeline, FrameReader, itemsOf } from '../../../redis/frames.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, type ClusterNode } from '../../../redis/replies.js'
import { Headroom } from './headroom.js'
import { Lane, type LaneHost } from './lane.js'
import { itemOf } from './pass.js'

const INFO = Buffer.from('$14\r\nused_memory:1\n\r\n')

/** A node that takes everything, and tells how many commands came. */
function node() {
  const of = { writes: 0 }
  const exchange = (request: Buffer) => {
    const words = new FrameReader().push(request).map((command) => bulkOf(itemsOf(command)[0]!)!.toString())
    of.writes += words.filter((word) => word === 'SET').length
    return Promise.resolve(words.map((word) => (word === 'INFO' ? INFO : Buffer.from('+OK\r\n'))))
  }
  return { of, link: { exchange, close: () => undefined } as unknown as RawLink }
}

it('sends no queued batch while the run is paused', async () => {
  const { of, link } = node()
  let done = 0
  let resume: () => void = () => undefined
  const paused = new Promise<void>((resolve) => (resume = resolve))
  let sent: () => void = () => undefined
  const all = new Promise<void>((resolve) => (sent = resolve))
  const host: LaneHost = {
    write: { replace: false, heat: undefined },
    now: () => 0,
    done: () => {
      done++
      if (done === 10_000) sent()
    },
    again: () => undefined,
    turn: () => (of.writes === 0 ? Promise.resolve() : paused),
    fail: (error) => {
      throw error as Error
    },
  }
  const lane = new Lane({} as ClusterNode, link, new Headroom(0.9, Infinity, () => 0), host)
  for (let i = 0; i < 10_000; i++) {
    const item = itemOf(encodePipeline([[`k${i}`]]).subarray(4))
    item.value = Buffer.from('$1\r\nv\r\n')
    lane.push(item)
  }
  lane.pump()
  for (let i = 0; i < 1000; i++) await Promise.resolve()
  expect([of.writes, done]).toEqual([3 * 1024, 3 * 1024])
  resume()
  await all
  expect(of.writes).toBe(10_000)
})

it('marks what it has sent without an answer, and nothing else', async () => {
  const { of, link } = node()
  const cut: ((error: Error) => void)[] = []
  const hanging = (request: Buffer, count: number) => {
    const answer = link.exchange(request, count, 0)
    return of.writes === 0 ? answer : new Promise<Buffer[]>((_, reject) => cut.push(reject))
  }
  const back: boolean[] = []
  const host: LaneHost = {
    write: { replace: false, heat: undefined },
    now: () => 0,
    done: () => undefined,
    again: ({ unanswered }) => void back.push(unanswered),
    turn: () => Promise.resolve(),
    fail: (error) => {
      throw error as Error
    },
  }
  const hung = { exchange: hanging, close: () => undefined } as unknown as RawLink
  const lane = new Lane({} as ClusterNode, hung, new Headroom(0.9, Infinity, () => 0), host)
  for (let i = 0; i < 5000; i++) {
    const item = itemOf(encodePipeline([[`k${i}`]]).subarray(4))
    item.value = Buffer.from('$1\r\nv\r\n')
    lane.push(item)
  }
  lane.pump()
  await vi.waitFor(() => expect(cut).toHaveLength(3))
  lane.close('moved')
  for (const reject of cut) reject(new Error('reset'))
  await vi.waitFor(() => expect(back).toHaveLength(5000))
  expect(back.filter((unanswered) => unanswered)).toHaveLength(3 * 1024)
})
