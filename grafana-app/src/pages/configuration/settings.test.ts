import { expect, test } from 'vitest'
import { addressProblem, settingsOf } from './settings'

test.each([
  ['http://exporter:8121', ''],
  ['https://exporter.internal/slotwise/', ''],
  ['', 'address'],
  ['exporter:8121', 'http'],
  ['ftp://x', 'http'],
  ['http://exporter:8121/api/v1/', 'Leave out /api/v1'],
  ['http://u:p@exporter:8121', 'No user'],
  ['http://exporter:8121?x=1', 'query'],
])('the address %j: %j', (address, problem) => {
  const found = addressProblem(address)
  expect(found === '').toBe(problem === '')
  expect(found).toContain(problem)
})

test('only secrets that were typed are sent, and other settings stay', () => {
  const meta = { enabled: true, pinned: false, jsonData: { other: 1 } } as never
  expect(
    settingsOf({ apiUrl: ' http://x:1/ ', prometheusUid: 'p', tokens: { plan: ' sw_new ', run: '' } }, meta),
  ).toEqual({
    enabled: true,
    pinned: false,
    jsonData: { other: 1, apiUrl: 'http://x:1', prometheusUid: 'p' },
    secureJsonData: { planToken: 'sw_new' },
  })
  expect(settingsOf({ apiUrl: 'http://x:1', prometheusUid: '', tokens: {} }, meta)).not.toHaveProperty(
    'secureJsonData',
  )
})
