import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventLog, Fence } from '../../src/events/log.js'
import { MemoryLog } from '../memory-log.js'
import { failover, readAll, type OpenLog } from './under-test.js'

const OLD = '2026-01-01T00:00:00Z'
const NEW = '2026-03-01T00:00:00Z'
const LIMIT = '2026-02-01T00:00:00Z'
/** Longer than any test, so that nothing expires by itself. */
const LONG_MS = 3_600_000

const STREAMS = ['cluster/a', 'cluster/b', 'cluster/ab']
const LEASES = ['operation/1', 'watch/a']
const FOLDS = ['health', 'discovery']

/** What is done to a log. Answers are compared as far as both logs have to agree on them. */
type Step = (log: Actor) => Promise<unknown>

/** A log that is opened again now and then, and who holds what there. */
interface Actor {
  log: EventLog
  readonly fences: Map<string, Fence>
  reopen(): Promise<EventLog>
}

const small = (most: number) => fc.nat({ max: most })
const anAppend = fc.record({
  stream: fc.constantFrom(...STREAMS),
  count: small(3),
  old: fc.boolean(),
  /** Beside the version that the stream has; undefined: none is expected. */
  off: fc.option(fc.constantFrom(0, 0, 0, 1), { nil: undefined }),
})

const appending = fc
  .record({
    appends: fc.array(anAppend, { minLength: 1, maxLength: 3 }),
    lease: fc.option(fc.constantFrom(...LEASES), { nil: undefined }),
    late: fc.constantFrom(0, 0, 0, 1),
  })
  .map(({ appends, lease, late }): [string, Step] => [
    `append ${JSON.stringify({ appends, lease, late })}`,
    async ({ log, fences }) => {
      const made = []
      for (const { stream, count, old, off } of appends) {
        const version = (await log.read({ stream, order: 'newest', limit: 1 })).events[0]?.streamversion
        const events = Array.from({ length: count }, (_, n) => ({ ...failover(n), time: old ? OLD : NEW }))
        made.push({ stream, events, ...(off !== undefined && { expectedVersion: (version ?? 0) + off }) })
      }
      const held = lease === undefined ? undefined : (fences.get(lease) ?? { lease, token: 7 })
      return shown(await log.append(made, held && { ...held, token: held.token - late }))
    },
  ])

const others = fc.oneof(
  fc.tuple(fc.constantFrom(...LEASES), fc.constantFrom('me', 'you')).map(([lease, owner]): [string, Step] => [
    `acquire ${lease} ${owner}`,
    async ({ log, fences }) => {
      const { token, owner: holder } = await log.acquire(lease, owner, LONG_MS)
      fences.set(lease, { lease, token })
      return { token, holder }
    },
  ]),
  fc.constantFrom(...LEASES).map((lease): [string, Step] => [
    `release ${lease}`,
    async ({ log, fences }) => {
      const fence = fences.get(lease)
      if (fence) await log.release(fence)
    },
  ]),
  fc.tuple(fc.constantFrom(...FOLDS), small(3)).map(([fold, back]): [string, Step] => [
    `snapshot ${fold}, ${back} before the end`,
    async ({ log }) => {
      const position = String(Math.max(0, Number(await log.head()) - back))
      await log.saveSnapshot(fold, 1, { position, state: { fold, position } })
    },
  ]),
  fc.constant<[string, Step]>(['trim', ({ log }) => log.trim(LIMIT)]),
  fc.boolean().map((all): [string, Step] => [`digest ${all}`, ({ log }) => log.digest(all)]),
  fc.constant<[string, Step]>([
    'reopen',
    async (actor) => {
      // A lease outlives its process in some stores, and in others not.
      for (const fence of actor.fences.values()) await actor.log.release(fence)
      actor.log = await actor.reopen()
    },
  ]),
)

const shown = (events: Awaited<ReturnType<typeof readAll>>) =>
  events.map(({ type, subject, streamversion, position, data }) => {
    // Hashes are of ids and of times, which every log has its own of.
    const told = JSON.stringify(data).replaceAll(/[0-9a-f]{64}/g, '#')
    return `${position} ${subject} ${streamversion} ${type} ${told}`
  })

/** What anybody sees of a log. */
async function view(log: EventLog) {
  const { ok, problems, unproven, events, streams } = await log.verify()
  return {
    verify: { ok, problems, unproven, events, streams },
    events: shown(await readAll(log, 7)),
    streams: await Promise.all(STREAMS.map(async (stream) => shown(await log.readStream(stream)))),
    head: await log.head(),
    count: (await log.stats()).events,
    leases: (await log.leases()).map(({ lease, owner, token }) => `${lease} ${owner} ${token}`).sort(),
    snapshots: await Promise.all(FOLDS.map((fold) => log.loadSnapshot(fold, 1))),
  }
}

const outcome = (step: Promise<unknown>) =>
  step.then(
    (value) => ({ value }),
    (error: unknown) => {
      const { name, message } = error as Error
      return { name, message }
    },
  )

/** Whatever is done to a log, it tells the same history as the one in memory. */
export function describeHistories(open: OpenLog): void {
  describe('histories', () => {
    it('are those of the log in memory', { timeout: 120_000 }, async () => {
      const steps = fc.array(fc.oneof(appending, others), { minLength: 5, maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(steps, async (steps) => {
          const under = await open()
          let memory = new MemoryLog()
          const model: Actor = {
            log: memory,
            fences: new Map(),
            reopen: () => Promise.resolve((memory = new MemoryLog({}, memory.rows, memory))),
          }
          const actor: Actor = { log: under.log, fences: new Map(), reopen: () => under.reopen() }
          try {
            for (const [name, step] of steps) {
              const [expected, found] = [await outcome(step(model)), await outcome(step(actor))]
              expect(found, name).toEqual(expected)
            }
            const expected = await view(model.log)
            expect(expected.verify.problems).toEqual([])
            expect(await view(actor.log)).toEqual(expected)
          } finally {
            await under.remove()
          }
        }),
        // The same ones every time: a test that fails now and then tells nobody what to mend.
        { seed: 20, numRuns: 12 },
      )
    })
  })
}
