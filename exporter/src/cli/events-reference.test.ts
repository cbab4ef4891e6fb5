import { expect, it } from 'vitest'
import { eventsReference } from './events-reference.js'

it('docs/events.md is what the schemas of the events say', async () => {
  await expect(eventsReference()).toMatchFileSnapshot('../../../docs/events.md')
})
