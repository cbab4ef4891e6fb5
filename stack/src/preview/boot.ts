/** What the preview host's server writes into its page, and its client reads. */
import type { PluginInclude, Role } from './manifest.js'

export interface BootUser {
  id: number
  login: string
  name: string
  email: string
  role: Role
  /** Action -> true for what the role may do: what hasPermission() looks at. */
  permissions: Record<string, boolean>
}

export interface BootDataSource {
  id: number
  uid: string
  name: string
  type: string
  isDefault: boolean
}

/** plugin.json of the app, without its routes. */
export interface BootPlugin {
  id: string
  name: string
  info: { version: string; [key: string]: unknown }
  includes: PluginInclude[]
  [key: string]: unknown
}

/** plugin.json of a panel nested in the app, and where its module is. */
export interface BootPanel {
  id: string
  name: string
  module: string
  [key: string]: unknown
}

export interface Boot {
  grafanaVersion: string
  user: BootUser
  /** Whom the user menu offers to be. */
  roles: readonly Role[]
  plugin: BootPlugin
  panels: BootPanel[]
  dataSources: BootDataSource[]
}
