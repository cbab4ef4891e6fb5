import { expect, it } from 'vitest'
import { resolveConfig } from './config.js'
import { SERVICES } from './services.js'

const services = (list: string) => [...resolveConfig({ flags: { services: list }, env: {} }).services]

it('are all unless named', () => {
  expect([...resolveConfig({ flags: {}, env: {} }).services]).toEqual(SERVICES)
  expect(services('operator, scraper')).toEqual(['operator', 'scraper'])
})

it.each([
  ['operators', /--services: there is no service "operators"; there are scraper, discovery/],
  [',', /--services: names no service/],
  ['alerting,operator', /--services: alerting takes its notifications at the control API; name control, too/],
])('%s is refused', (list, message) => {
  expect(() => services(list)).toThrow(message)
})
