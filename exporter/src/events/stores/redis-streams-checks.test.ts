import { expect, it } from 'vitest'
import { refusal } from './redis-streams-checks.js'

const INFO = [
  'redis_version:7.0.15',
  'loading:0',
  'role:master',
  'aof_enabled:1',
  'maxmemory_policy:noeviction',
].join('\r\n')
const CONFIG = { 'maxmemory-policy': 'noeviction', appendonly: 'yes', appendfsync: 'always' }

it('takes a primary that keeps everything', () => {
  expect(refusal({ info: INFO, config: CONFIG }, false)).toBeUndefined()
})

it.each<[why: RegExp, info: string, config: Record<string, string>]>([
  [/it runs version 6.0.16, and the log needs 6.2/, INFO.replace('7.0.15', '6.0.16'), CONFIG],
  [/it is loading its data/, INFO.replace('loading:0', 'loading:1'), CONFIG],
  [/a replica of h:1,/, INFO.replace('role:master', 'role:slave\r\nmaster_host:h\r\nmaster_port:1'), CONFIG],
])('refuses what no setting can permit: %s', (why, info, config) => {
  expect(refusal({ info, config }, false)).toMatch(why)
  expect(refusal({ info, config }, true)).toMatch(why)
})

it.each<[why: RegExp, info: string, config: Record<string, string>]>([
  [/^its maxmemory-policy allkeys-lru deletes/, INFO, { ...CONFIG, 'maxmemory-policy': 'allkeys-lru' }],
  [/^it keeps no append-only file/, INFO, { ...CONFIG, appendonly: 'no' }],
  [/^its appendfsync everysec answers before/, INFO, { ...CONFIG, appendfsync: 'everysec' }],
  [/^it does not tell appendfsync/, INFO, {}],
  [/^its maxmemory-policy volatile-ttl .*; it does not/, INFO.replace('noeviction', 'volatile-ttl'), {}],
  [
    /^it keeps no append-only file: set appendonly to yes\. /,
    INFO.replace('aof_enabled:1', 'aof_enabled:0'),
    {},
  ],
  [
    /^it does not tell its maxmemory-policy.*; it does not tell appendonly/,
    'redis_version:7.2.0\r\nrole:master',
    {},
  ],
])('refuses what may lose events, unless that is allowed: %s', (why, info, config) => {
  expect(refusal({ info, config }, false)).toMatch(why)
  expect(refusal({ info, config }, false)).toMatch(/start with --events.allow-loss$/)
  expect(refusal({ info, config }, true)).toBeUndefined()
})
