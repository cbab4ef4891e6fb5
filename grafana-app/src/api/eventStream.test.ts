import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeEventSource } from '../test/eventSource'
import type { StoredEvent } from './contract'
import { ApiError } from './errors'
import { EventStream, type StreamState } from './eventStream'

const event = (position: string) => ({ position }) as StoredEvent
const poll = vi.fn()
const make = () => new EventStream({ open: (url) => new FakeEventSource(url) as never, poll })

beforeEach(() => {
  vi.useFakeTimers()
  FakeEventSource.count = 0
  poll.mockReset().mockResolvedValue({ events: [], next: '' })
})
afterEach(() => vi.useRealTimers())

test('one connection serves all listeners, and the last one closes it', () => {
  const stream = make()
  const seen: string[] = []
  const stops = ['a', 'b'].map((name) =>
    stream.listen({ onEvent: ({ position }) => seen.push(`${name}${position}`) }),
  )
  const source = FakeEventSource.last!
  source.open()
  source.send(event('1'))
  expect(seen).toEqual(['a1', 'b1'])
  expect(FakeEventSource.count).toBe(1)
  stops[0]!()
  expect(stream.state).toBe('live')
  stops[1]!()
  expect(stream.state).toBe('off')
  expect(source.readyState).toBe(2)
})

test('refused, it polls behind the last event, says so, and later goes on being pushed to', async () => {
  const stream = make()
  const states: StreamState[] = []
  const seen: string[] = []
  stream.listen({ onState: (state) => states.push(state), onEvent: ({ position }) => seen.push(position) })
  FakeEventSource.last!.open()
  FakeEventSource.last!.send(event('1'))
  poll.mockResolvedValueOnce({ events: [event('2')], next: '2' })
  FakeEventSource.last!.refuse()
  await vi.advanceTimersByTimeAsync(3000)
  expect(poll.mock.calls).toEqual([['1'], ['2']])
  await vi.advanceTimersByTimeAsync(27_000)
  expect(FakeEventSource.last!.url).toMatch(/events\/stream\?after=2$/)
  FakeEventSource.last!.open()
  expect(seen).toEqual(['1', '2'])
  expect(states).toEqual(['connecting', 'live', 'polling', 'connecting', 'live'])
})

test('a hidden tab holds no connection, and seen again goes on behind the last event', () => {
  const page = Object.assign(new EventTarget(), { hidden: true })
  const stream = new EventStream({
    open: (url) => new FakeEventSource(url) as never,
    poll,
    page: page,
  })
  const show = (hidden: boolean) => {
    page.hidden = hidden
    page.dispatchEvent(new Event('visibilitychange'))
  }
  const stop = stream.listen({})
  expect(FakeEventSource.count).toBe(0)
  show(false)
  const source = FakeEventSource.last!
  source.open()
  source.send(event('7'))
  show(true)
  expect(source.readyState).toBe(2)
  expect(stream.state).toBe('off')
  show(false)
  expect(FakeEventSource.last!.url).toMatch(/events\/stream\?after=7$/)
  stop()
  show(true)
  show(false)
  expect(FakeEventSource.count).toBe(2)
})

test('a proxy that holds the stream back is noticed', async () => {
  const stream = make()
  stream.listen({})
  await vi.advanceTimersByTimeAsync(10_000)
  expect(stream.state).toBe('polling')
})

test('polling goes on although a poll fails, and all is read anew once it succeeds', async () => {
  const stream = make()
  const onGap = vi.fn()
  poll.mockRejectedValueOnce(new Error('down')).mockResolvedValueOnce({ events: [], next: '9' })
  stream.listen({ onGap })
  FakeEventSource.last!.refuse()
  await vi.advanceTimersByTimeAsync(2000)
  expect(onGap).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(4000)
  expect(poll.mock.calls).toEqual([[undefined], [undefined], ['9']])
  expect(onGap).toHaveBeenCalledOnce()
})

test('a position that the log does not know is given up, and all is read anew', async () => {
  const stream = make()
  const onGap = vi.fn()
  stream.listen({ onGap })
  FakeEventSource.last!.send(event('999'))
  poll.mockRejectedValueOnce(new ApiError('not a position', 400, 'invalid-query'))
  FakeEventSource.last!.refuse()
  await vi.advanceTimersByTimeAsync(3000)
  expect(onGap).toHaveBeenCalledOnce()
  expect(poll.mock.calls).toEqual([['999'], [undefined]])
})

test('told that events were trimmed that it did not get, it says so, and goes on behind them', async () => {
  const onGap = vi.fn()
  const stream = make()
  stream.listen({ onGap })
  const source = FakeEventSource.last!
  source.open()
  onGap.mockClear()
  source.tell('trimmed', { through: '7' })
  expect(onGap).toHaveBeenCalledOnce()
  poll.mockResolvedValueOnce({ events: [event('9')], next: '9', trimmed: '8' })
  source.refuse()
  await vi.advanceTimersByTimeAsync(0)
  expect(poll.mock.calls).toEqual([['7']])
  expect(onGap).toHaveBeenCalledTimes(2)
})
