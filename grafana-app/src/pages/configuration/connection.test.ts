import { expect, test } from 'vitest'
import { whoami } from '../../test/backend'
import type { Whoami } from '../../api/contract'
import { judgeToken } from './connection'

const token = (scopes: Whoami['scopes'], more: Partial<Whoami> = {}): Whoami => ({
  ...(whoami as unknown as Whoami),
  scopes,
  ...more,
})

test.each([
  ['read', token(['read']), 'ok', /“grafana” may read; on all clusters; does not expire/],
  ['read', token(['read', 'run', 'warmup']), 'warning', /more than its use needs: run/],
  ['plan', token(['read']), 'failed', /lacks the scope plan/],
  ['plan', token(['read', 'plan']), 'failed', /no scope of an operation/],
  ['plan', token(['read', 'plan', 'policy'], { delegated: false }), 'warning', /not delegated/],
  ['run', token(['read', 'run', 'warmup'], { clusters: ['demo'] }), 'ok', /on demo/],
  ['run', token(['read', 'run', 'warmup'], { expires: '2027-01-31T00:00:00Z' }), 'ok', /expires 2027-01-31/],
  ['read', token(['read'], { readOnly: true }), 'warning', /no tokens file/],
  ['run', token(['read'], { readOnly: true }), 'failed', /no tokens file/],
] as const)('as %s token %#', (use, given, status, text) => {
  const found = judgeToken(use, given)
  expect(found.status).toBe(status)
  expect(found.text).toMatch(text)
})
