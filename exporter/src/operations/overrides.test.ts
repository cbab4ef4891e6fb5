import { expect, it } from 'vitest'
import { ends, ready, request, world } from '../../test/engine.js'

const tooSmall = { check: 'fits', node: 'n1', reason: 'it does not fit', todo: 'make room' }
const noReplica = { check: 'replicas', reason: 'there is no replica', todo: 'add one' }

async function blocked() {
  const it = await world()
  it.state.blockers = [tooSmall, { ...tooSmall, node: 'n2' }, noReplica]
  return { ...it, ...(await ready(it)) }
}

it.each([
  ['nothing', undefined, 'not-ready', /fits: n1: it does not fit; .*replicas: there is no replica/],
  ['one of two', ['fits'], 'not-ready', /^replicas: there is no replica; .*override replicas by name/],
  [
    'what blocks nothing',
    ['fits', 'replicas', 'x'],
    'invalid-spec',
    /no check x; it is blocked by fits, repl/,
  ],
])('a plan with blockers is not run with %s overridden', async (_, override, code, message) => {
  const { engine, id, hash, state } = await blocked()
  await expect(engine.run(id, request(hash, { override }))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  })
  expect(engine.getOperation(id)).toBeUndefined()
  expect(state.worked).toEqual([])
})

it('a plan with blockers runs with each of them overridden by name, and the log has who did it', async () => {
  const { engine, id, hash, log } = await blocked()
  await engine.run(id, request(hash, { override: ['replicas', 'fits'] }))
  const { timeline } = await ends(engine, id)
  expect(timeline.map(({ text }) => text)).toContain('overridden by tester: replicas, fits')
  const { events } = await log.read({ type: 'io.slotwise.operation.overridden' })
  expect(events.map(({ data }) => data)).toEqual([{ by: { token: 'tester' }, checks: ['replicas', 'fits'] }])
})

it('a plan without blockers takes no override', async () => {
  const it = await world()
  const { id, hash } = await ready(it)
  await expect(it.engine.run(id, request(hash, { override: ['fits'] }))).rejects.toMatchObject({
    code: 'invalid-spec',
    message: expect.stringContaining('nothing blocks it') as string,
  })
})

it('a check that forbids the run by now makes the plan stale, and the fresh one shows it', async () => {
  const it = await world()
  const { id, hash } = await ready(it)
  it.state.blockers = [tooSmall]
  const refused = (await it.engine.run(id, request(hash)).catch((error: unknown) => error)) as {
    code: string
    details: { difference: string[]; freshPlan: { id: string; hash: string } }
  }
  expect(refused).toMatchObject({ code: 'stale', details: { difference: ['fits: n1: it does not fit'] } })
  const { freshPlan } = refused.details
  await expect(it.engine.run(freshPlan.id, request(freshPlan.hash))).rejects.toMatchObject({
    code: 'not-ready',
  })
  await it.engine.run(freshPlan.id, request(freshPlan.hash, { override: ['fits'] }))
  expect((await ends(it.engine, freshPlan.id)).state).toBe('succeeded')
})
