/** A real Grafana as what the browser tests run against. */
import { request, type APIRequestContext } from 'playwright-core'
import { PLUGIN_ID } from '../../src/app/settings.js'
import type { Stack } from './stack.js'
import type { Role, Target } from './target.js'

const PROMETHEUS_UID = 'slotwise-browser'
const PANELS = { warmup: 'slotwise-warmup-panel', eviction: 'slotwise-eviction-panel' } as const

/**
 * Points the plugin of a Grafana at the stack of the tests, and makes what else they need there: a data source, a
 * dashboard with the panels for each cluster, a user a role. It must run where 127.0.0.1 is this machine.
 * @param admin who may do all that; its Grafana must be one for tests
 */
export async function grafanaTarget(
  stack: Stack,
  admin: { url: string; user: string; password: string },
): Promise<Target> {
  const url = admin.url.replace(/\/+$/, '')
  const api = await request.newContext({
    baseURL: url,
    extraHTTPHeaders: {
      authorization: `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}`,
    },
  })
  await send(api, 'POST', `/api/plugins/${PLUGIN_ID}/settings`, {
    enabled: true,
    pinned: true,
    jsonData: { apiUrl: stack.exporter.controlUrl, prometheusUid: PROMETHEUS_UID },
    secureJsonData: {
      readToken: stack.tokens.read,
      planToken: stack.tokens.plan,
      runToken: stack.tokens.run,
    },
  })
  await api.delete(`/api/datasources/uid/${PROMETHEUS_UID}`)
  await send(api, 'POST', '/api/datasources', {
    name: 'Slotwise browser tests',
    uid: PROMETHEUS_UID,
    type: 'prometheus',
    access: 'proxy',
    url: stack.prometheus.url,
  })
  for (const cluster of ['demo', 'cold']) await makeDashboard(api, cluster)
  const password = `browser-${Math.random().toString(36).slice(2)}`
  for (const role of ['Viewer', 'Editor'] as const) await makeUser(api, role, password)

  return {
    url,
    noise: [],
    async enter(context, role) {
      const who =
        role === 'Admin' ? { user: admin.user, password: admin.password } : { user: loginOf(role), password }
      const answer = await context.request.post(`${url}/login`, { data: who })
      if (!answer.ok()) throw new Error(`Grafana does not let ${who.user} in: ${answer.status()}`)
    },
    panelPath: (panel, cluster) =>
      `/d/${dashboardOf(cluster)}?viewPanel=panel-${Object.keys(PANELS).indexOf(panel) + 1}`,
  }
}

const loginOf = (role: Role): string => `slotwise-${role.toLowerCase()}`
const dashboardOf = (cluster: string): string => `slotwise-browser-${cluster}`

async function makeDashboard(api: APIRequestContext, cluster: string): Promise<void> {
  const panels = Object.values(PANELS).map((type, index) => ({
    id: index + 1,
    type,
    title: type,
    options: { cluster },
    gridPos: { x: 0, y: 20 * index, w: 24, h: 20 },
  }))
  const dashboard = { uid: dashboardOf(cluster), title: `Slotwise panels: ${cluster}`, panels }
  await send(api, 'POST', '/api/dashboards/db', { dashboard, overwrite: true })
}

/** Makes the user, or gives the one that is there the new password and the role. */
async function makeUser(api: APIRequestContext, role: Role, password: string): Promise<void> {
  const login = loginOf(role)
  const made = await api.post('/api/admin/users', { data: { name: login, login, password, OrgId: 1 } })
  if (!made.ok() && made.status() !== 412) throw new Error(`Grafana does not make ${login}: ${made.status()}`)
  const { id } = (await (await api.get(`/api/users/lookup?loginOrEmail=${login}`)).json()) as { id: number }
  await send(api, 'PUT', `/api/admin/users/${id}/password`, { password })
  await send(api, 'PATCH', `/api/orgs/1/users/${id}`, { role })
}

async function send(api: APIRequestContext, method: string, path: string, data: unknown): Promise<void> {
  const answer = await api.fetch(path, { method, data })
  if (!answer.ok())
    throw new Error(`Grafana answers ${answer.status()} to ${method} ${path}: ${await answer.text()}`)
}
