import { expect, it, vi } from 'vitest'
import { MemoryLog } from '../../test/memory-log.js'
import { Candidate, HeldLease } from './held-lease.js'

/** A log and processes by one clock, which the test moves. */
function machine() {
  const clock = { ms: 1_000_000 }
  const log = new MemoryLog({ now: () => new Date(clock.ms) })
  return { clock, log, options: (owner: string) => ({ log, owner, ttlMs: 10_000, now: () => clock.ms }) }
}

it('is one process’ until it is released, and every take has a token of its own', async () => {
  const { log, options } = machine()
  const first = await HeldLease.take('x', options('a'))
  expect(first?.fence).toEqual({ lease: 'x', token: 1 })
  expect(await HeldLease.take('x', options('b'))).toBeUndefined()
  expect(await HeldLease.take('x', options('a'))).toBeUndefined()
  await first!.release()
  expect(first!.isHeld()).toBe(false)
  expect((await HeldLease.take('x', options('a')))?.fence.token).toBe(2)
  expect(await log.leases()).toHaveLength(1)
})

it('is over for its holder before it is free for others, and then for good', async () => {
  const { clock, options } = machine()
  const held = (await HeldLease.take('x', options('a')))!
  clock.ms += 7999
  expect(held.isHeld()).toBe(true)
  clock.ms += 1
  expect(held.isHeld()).toBe(false)
  expect(held.lost.aborted).toBe(true)
  expect(await HeldLease.take('x', options('b'))).toBeUndefined()
  clock.ms += 2000
  expect((await HeldLease.take('x', options('b')))?.fence.token).toBe(2)
  clock.ms -= 10_000 // whatever the clock says then
  expect(held.isHeld()).toBe(false)
})

it('counts from before it was asked for: an answer that came late is worth less', async () => {
  const { clock, log, options } = machine()
  const slow = {
    acquire: async (...asked: Parameters<MemoryLog['acquire']>) => {
      const got = await log.acquire(...asked)
      clock.ms += 9000
      return got
    },
    release: (fence: Parameters<MemoryLog['release']>[0]) => log.release(fence),
  }
  expect((await HeldLease.take('x', { ...options('a'), log: slow }))?.isHeld()).toBe(false)
})

it('is confirmed by an answer to a question that was asked since', async () => {
  const { log, options } = machine()
  const answers: (() => void)[] = []
  let isSlow = false
  const slow = {
    acquire: async (...asked: Parameters<MemoryLog['acquire']>) => {
      const got = await log.acquire(...asked)
      if (isSlow) await new Promise<void>((resolve) => answers.push(resolve))
      return got
    },
    release: (fence: Parameters<MemoryLog['release']>[0]) => log.release(fence),
  }
  const held = (await HeldLease.take('x', { ...options('a'), log: slow }))!
  isSlow = true
  const first = held.confirm()
  await vi.waitFor(() => expect(answers).toHaveLength(1), { timeout: 20_000 })
  // The log gives it to another, whatever time has passed here.
  await log.release(held.fence)
  expect((await HeldLease.take('x', options('b')))?.fence.token).toBe(2)
  const later = [held.confirm(), held.confirm()]
  answers[0]!()
  await first
  expect(held.isHeld()).toBe(true)
  await vi.waitFor(() => expect(answers).toHaveLength(2), { timeout: 20_000 })
  answers[1]!()
  await Promise.all(later)
  expect(held.isHeld()).toBe(false)
})

it('a candidate has it while nobody else does', async () => {
  const { clock, options } = machine()
  const [one, other] = [new Candidate('watch/demo', options('a')), new Candidate('watch/demo', options('b'))]
  expect((await one.fence())?.token).toBe(1)
  expect((await one.fence())?.token).toBe(1)
  expect(await other.fence()).toBeUndefined()
  clock.ms += 10_000
  expect((await other.fence())?.token).toBe(2)
  expect(await one.fence()).toBeUndefined()
  await other.release()
  expect((await one.fence())?.token).toBe(3)
})
