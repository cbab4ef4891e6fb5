import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { actionsOf, includesRole, readManifests, ROLES, type Role } from '../../src/preview/manifest.js'
import { decide, type ProxyCall } from '../../src/preview/proxy-rules.js'
import { fillTemplate } from '../../src/preview/templates.js'
import { repoRoot } from '../../src/servers.js'

const { app } = readManifests(join(repoRoot, 'grafana-app/src'))
const data = {
  JsonData: { apiUrl: 'http://api:8121' },
  SecureJsonData: { readToken: 'R', planToken: 'P', runToken: 'X' },
}
const call = (method: string, path: string, role: Role, query = ''): ProxyCall => ({
  method,
  path,
  query,
  role,
})

describe("the plugin's routes", () => {
  const plans = 'api/v1/clusters/demo/plans'
  const run = 'api/v1/plans/p1/run'
  const operation = 'api/v1/operations/o1'
  const upstream = (path: string, token: string) => [`http://api:8121/${path}`, `Bearer ${token}`] as const
  test.each([
    ['GET', 'api/v1/clusters', 'Viewer', upstream('api/v1/clusters', 'R')],
    ['GET', 'api/v1/events/stream', 'Viewer', upstream('api/v1/events/stream', 'R')],
    ['GET', run, 'Viewer', upstream(run, 'R')],
    ['GET', 'whoami/read', 'Viewer', upstream('api/v1/whoami', 'R')],
    ['GET', 'whoami/plan', 'Viewer', 403],
    ['GET', 'whoami/plan', 'Editor', upstream('api/v1/whoami', 'P')],
    ['GET', 'whoami/run', 'Editor', 403],
    ['GET', 'whoami/run', 'Admin', upstream('api/v1/whoami', 'X')],
    ['POST', plans, 'Viewer', 403],
    ['POST', plans, 'Editor', upstream(plans, 'P')],
    ['POST', plans, 'Admin', upstream(plans, 'P')],
    ['POST', run, 'Viewer', 403],
    ['POST', run, 'Editor', 403],
    ['POST', run, 'Admin', upstream(run, 'X')],
    ['POST', `${operation}/pause`, 'Editor', 403],
    ['POST', `${operation}/pause`, 'Admin', upstream(`${operation}/pause`, 'X')],
    ['PATCH', operation, 'Editor', 403],
    ['PATCH', operation, 'Admin', upstream(operation, 'X')],
    ['PUT', 'api/v1/freeze', 'Admin', 404],
    ['DELETE', operation, 'Admin', 404],
    ['POST', 'api/v1/alerts', 'Admin', 404],
    ['POST', 'whoami/read', 'Admin', 404],
    ['GET', 'whoami/read/more', 'Admin', 404],
    ['GET', 'metrics', 'Admin', 404],
  ] as const)('%s %s as %s', (method, path, role, expected) => {
    const decision = decide(app, call(method, path, role), data)
    if (typeof expected === 'number') expect(decision).toMatchObject({ allowed: false, status: expected })
    else {
      expect(decision).toMatchObject({ allowed: true, headers: [['authorization', expected[1]]] })
      expect(decision.allowed && decision.url.href).toBe(expected[0])
    }
  })

  test('each asks for an action that some role is granted', () => {
    const granted = actionsOf('Admin', app)
    for (const { reqAction } of app.routes ?? []) expect(granted).toContain(reqAction)
  })
})

describe('routes', () => {
  const route = { path: 'a', url: 'http://up/x?own=1' }
  const status = (routes: object[], { path = 'a' } = {}) => {
    const decision = decide(
      { roles: app.roles!, routes: routes as never },
      call('GET', path, 'Editor', '?q=1'),
      data,
    )
    return decision.allowed ? decision.url.href : decision.status
  }

  test.each([
    ['the first that fits answers', [{ ...route, url: 'http://first/' }, route], 'http://first/?q=1'],
    ['its own query is dropped, the caller’s passes', [route], 'http://up/x?q=1'],
    [
      'another verb is passed over',
      [{ ...route, method: 'POST', reqRole: 'Admin' }, route],
      'http://up/x?q=1',
    ],
    ['a denied one is the end, even if a later one would do', [{ ...route, reqRole: 'Admin' }, route], 403],
    ['a verb of * is any', [{ ...route, method: '*' }], 'http://up/x?q=1'],
    ['an empty verb is any', [{ ...route, method: '' }], 'http://up/x?q=1'],
    ['without action and role everybody may', [route], 'http://up/x?q=1'],
    ['the role of the caller is enough', [{ ...route, reqRole: 'Editor' }], 'http://up/x?q=1'],
    ['an unknown role lets nobody in', [{ ...route, reqRole: 'King' }], 403],
    [
      'the action beats the role: denied',
      [{ ...route, reqAction: 'slotwise-clusters-app:run', reqRole: 'Viewer' }],
      403,
    ],
    [
      'the action beats the role: allowed',
      [{ ...route, reqAction: 'slotwise-clusters-app:plan', reqRole: 'Admin' }],
      'http://up/x?q=1',
    ],
    ['an upstream that is no address', [{ ...route, url: '{{ .JsonData.none }}/x' }], 502],
    ['an upstream that is no web address', [{ ...route, url: 'file:///etc/passwd' }], 502],
  ])('%s', (_, routes, expected) => {
    expect(status(routes)).toBe(expected)
  })

  test.each([
    ['a/*', 'a/b/c', 'http://up/x/b/c?q=1'],
    ['a/*', 'a/', 'http://up/x?q=1'],
    ['a/*', 'a', 404],
    ['a/*', 'ab/c', 404],
    ['a', 'a/b', 404],
    ['a', 'A', 404],
  ])('%s matches %s: %s', (pattern, path, expected) => {
    expect(status([{ ...route, path: pattern }], { path })).toBe(expected)
  })
})

test('a role may what lesser roles may', () => {
  const may = ROLES.map((role) => ROLES.filter((wanted) => includesRole(role, wanted)))
  expect(may).toEqual([['Viewer'], ['Viewer', 'Editor'], ['Viewer', 'Editor', 'Admin']])
  expect(actionsOf('Viewer', app)).not.toContain('plugins:write')
  expect(actionsOf('Admin', app)).toContain('slotwise-clusters-app:read')
})

test.each([
  ['{{ .JsonData.apiUrl }}/x', 'http://api:8121/x'],
  ['Bearer {{.SecureJsonData.runToken}}', 'Bearer X'],
  ['Bearer {{ .SecureJsonData.none }}', 'Bearer '],
  ['{{ .JsonData.none }}', '<no value>'],
  ['{{ .JsonData.constructor }}', '<no value>'],
  ['{{ .SecureJsonData.toString }}', ''],
  ['{{ .Other.x }} {{ x }}', '{{ .Other.x }} {{ x }}'],
])('the template %s', (template, filled) => {
  expect(fillTemplate(template, data)).toBe(filled)
})

test('the panels of plugin.json are found', () => {
  const source = JSON.parse(readFileSync(join(repoRoot, 'grafana-app/src/plugin.json'), 'utf8')) as typeof app
  const panels = source.includes.filter(({ type }) => type === 'panel')
  expect(readManifests(join(repoRoot, 'grafana-app/src')).panels.map(({ manifest }) => manifest.id)).toEqual([
    'slotwise-warmup-panel',
    'slotwise-eviction-panel',
  ])
  expect(panels).toHaveLength(2)
})
