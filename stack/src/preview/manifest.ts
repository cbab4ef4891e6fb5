import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Grafana's roles in an organisation, from least to most; each may do what those before it may. */
export const ROLES = ['Viewer', 'Editor', 'Admin'] as const
export type Role = (typeof ROLES)[number]

/** A route of the plugin proxy in plugin.json. */
export interface ProxyRoute {
  path: string
  /** One verb; empty or `*`: any. */
  method?: string
  /** A template over `.JsonData` and `.SecureJsonData`. */
  url: string
  /** An action of access control; it wins over reqRole. */
  reqAction?: string
  reqRole?: string
  headers?: { name: string; content: string }[]
}

/** What plugin.json includes; a page may stand in the navigation. */
export interface PluginInclude {
  type: string
  name: string
  path?: string
  role?: Role
  action?: string
  addToNav?: boolean
  defaultNav?: boolean
}

/** plugin.json as far as the host reads it. */
export interface Manifest {
  id: string
  name: string
  info: { version: string; [key: string]: unknown }
  includes: PluginInclude[]
  roles?: { role: { permissions: { action: string }[] }; grants: string[] }[]
  routes?: ProxyRoute[]
  [key: string]: unknown
}

/** What Grafana itself lets its roles do, as far as a plugin asks. */
const CORE_ACTIONS: Readonly<Record<Role, readonly string[]>> = {
  Viewer: ['plugins.app:access', 'datasources:query', 'datasources:read', 'dashboards:read'],
  Editor: ['datasources:explore', 'alert.rules:read', 'alert.rules:write', 'alert.rules:create'],
  Admin: ['plugins:write', 'plugins:install', 'datasources:write'],
}

/** Every action that a role may take: Grafana's own, and what plugin.json grants to it or to a lesser role. */
export function actionsOf(role: Role, { roles = [] }: Pick<Manifest, 'roles'>): ReadonlySet<string> {
  const included = ROLES.slice(0, ROLES.indexOf(role) + 1)
  const granted = roles.filter(({ grants }) => included.some((one) => grants.includes(one)))
  return new Set([
    ...included.flatMap((one) => CORE_ACTIONS[one]),
    ...granted.flatMap((grant) => grant.role.permissions.map(({ action }) => action)),
  ])
}

/** Whether somebody with this role has at least the other one. */
export function includesRole(role: Role, wanted: string): boolean {
  const rank = ROLES.indexOf(wanted as Role)
  return rank >= 0 && ROLES.indexOf(role) >= rank
}

/**
 * plugin.json of the app and of the panels nested in it.
 * @param dist the built plugin
 */
export function readManifests(dist: string): {
  app: Manifest
  panels: { manifest: Manifest; folder: string }[]
} {
  const app = readManifest(dist)
  const panels = app.includes.flatMap(({ type, path }) => {
    if (type !== 'panel' || path === undefined) return []
    const folder = path.replace(/\/plugin\.json$/, '')
    return [{ manifest: readManifest(join(dist, folder)), folder }]
  })
  return { app, panels }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8')) as Manifest
}
