/** Which route of plugin.json answers a call of /api/plugin-proxy/<id>/…, and who may. As Grafana's pluginproxy.go. */
import { actionsOf, includesRole, type Manifest, type ProxyRoute, type Role } from './manifest.js'
import { fillTemplate, type TemplateData } from './templates.js'

export interface ProxyCall {
  method: string
  /** Below /api/plugin-proxy/<id>/, as it came, without the query. */
  path: string
  /** With its question mark, or empty. */
  query: string
  role: Role
}

export type ProxyDecision =
  | { allowed: false; status: 403 | 404 | 502; message: string }
  | { allowed: true; url: URL; headers: [name: string, value: string][] }

/** Finds the first route that fits by verb and path; whether the role may is asked of that one only. */
export function decide(
  manifest: Pick<Manifest, 'roles' | 'routes'>,
  { method, path, query, role }: ProxyCall,
  data: TemplateData,
): ProxyDecision {
  for (const route of manifest.routes ?? []) {
    if (route.method !== undefined && !['', '*', method].includes(route.method)) continue
    const rest = matchPath(route.path, path)
    if (rest === undefined) continue
    if (!mayUse(route, role, manifest))
      return { allowed: false, status: 403, message: 'plugin proxy route access denied' }
    const url = upstreamUrl(fillTemplate(route.url, data), rest, query)
    if (!url) return { allowed: false, status: 502, message: 'the plugin has no address of its upstream' }
    const headers = (route.headers ?? []).map(({ name, content }): [string, string] => [
      name.toLowerCase(),
      fillTemplate(content, data),
    ])
    return { allowed: true, url, headers }
  }
  return { allowed: false, status: 404, message: 'plugin route match not found' }
}

/** What follows the part before `*`; empty when the whole path is the route; undefined when it does not fit. */
function matchPath(pattern: string, path: string): string | undefined {
  if (!pattern.endsWith('/*')) return pattern === path ? '' : undefined
  const start = pattern.slice(0, -1)
  return path.startsWith(start) ? path.slice(start.length) : undefined
}

function mayUse({ reqAction, reqRole }: ProxyRoute, role: Role, manifest: Pick<Manifest, 'roles'>): boolean {
  if (reqAction) return actionsOf(role, manifest).has(reqAction)
  if (reqRole) return includesRole(role, reqRole)
  return true
}

/** A query of the route's own address is dropped, as Grafana does; the caller's passes. */
function upstreamUrl(base: string, rest: string, query: string): URL | undefined {
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) return undefined
  const url = new URL(base)
  if (rest !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}/${rest}`
  url.search = query
  return url
}
