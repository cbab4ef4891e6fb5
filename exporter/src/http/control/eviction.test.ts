import { expect, it } from 'vitest'
import { startTestControl } from '../../../test/control.js'
import { controlOptions, NOW } from '../../../test/fakes.js'

it('asks the nodes once for those who ask within a second, and anew after it, after a failure and for a sample', async () => {
  let now = NOW
  let looks = 0
  let failure: Error | undefined
  const clock = () => now
  const { eviction } = controlOptions({ clock })
  const look: typeof eviction.look = (cluster) => {
    looks++
    return failure ? Promise.reject(failure) : eviction.look(cluster)
  }
  const control = await startTestControl(
    { me: { scopes: ['read', 'plan', 'policy'] } },
    { clock, eviction: { ...eviction, look } },
  )
  const path = '/api/v1/clusters/demo/eviction'
  const ask = async () => (await control.ask('GET', path, { token: 'me' })).status
  expect([await ask(), await ask(), looks]).toEqual([200, 200, 1])
  now += 1000
  failure = new Error('no node answers')
  expect([await ask(), looks]).toEqual([500, 2])
  failure = undefined
  expect([await ask(), looks]).toEqual([200, 3])
  expect((await control.ask('POST', `${path}/sample`, { token: 'me', body: {} })).status).toBe(202)
  expect([await ask(), looks]).toEqual([200, 4])
  await control.stop()
})
