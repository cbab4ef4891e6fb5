import { expect, test } from 'vitest'
import type { Whoami } from './contract'
import { ApiError } from './errors'
import { judge, type Wanted } from './permissions'

const token: Whoami = {
  id: 'grafana-run',
  scopes: ['read', 'plan', 'run', 'warmup'],
  clusters: null,
  keyPrefixes: null,
  expires: null,
  delegated: true,
  readOnly: false,
}
const warm: Wanted = { use: 'run', kind: 'warmup', cluster: 'demo' }

test('allowed where role, scopes and cluster fit', () => {
  expect(judge(warm, { data: token })).toEqual({ allowed: true, reason: '', pending: false })
})

test('not yet known is not allowed', () => {
  expect(judge(warm, {})).toMatchObject({ allowed: false, pending: true })
})

const refused: [string, Wanted, Parameters<typeof judge>[1], RegExp][] = [
  ['role', warm, { error: new ApiError('x', 403, '') }, /role in Grafana.*needs Admin/],
  ['no token', warm, { error: new ApiError('x', 401, 'unauthenticated') }, /no valid run token/],
  ['exporter down', warm, { error: new ApiError('gone', 502, '') }, /^gone$/],
  ['read-only', warm, { data: { ...token, readOnly: true } }, /tokens file/],
  ['kind', { ...warm, kind: 'eviction-policy' }, { data: token }, /“grafana-run” lacks the scope policy/],
  ['use', warm, { data: { ...token, scopes: ['read', 'warmup'] } }, /lacks the scope run/],
  ['cluster', warm, { data: { ...token, clusters: ['other'] } }, /not for the cluster demo/],
]
test.each(refused)('refused by %s, and told why', (_, wanted, answer, reason) => {
  const { allowed, reason: told } = judge(wanted, answer)
  expect(allowed).toBe(false)
  expect(told).toMatch(reason)
})

test('a freeze refuses runs, not plans', () => {
  const freeze = { on: true, reason: 'incident 4' }
  expect(judge(warm, { data: token }, freeze).reason).toBe('Operations are frozen: incident 4.')
  expect(judge({ ...warm, use: 'plan' }, { data: token }, freeze).allowed).toBe(true)
})
