import type { BrowserContext } from 'playwright-core'
import { grafanaTarget } from './grafana.js'
import { previewTarget } from './preview.js'
import type { Stack } from './stack.js'

export type Role = 'Viewer' | 'Editor' | 'Admin'

/** What shows the plugin: the preview host, or the Grafana that GRAFANA_URL names. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string
  /** Lets a fresh context in with this role. */
  enter(context: BrowserContext, role: Role): Promise<void>
  /** What its browser console may say without anything being wrong. */
  readonly noise: readonly RegExp[]
  /** Path of a dashboard with one of the plugin's panels for this cluster. */
  panelPath(panel: 'warmup' | 'eviction', cluster: string): string
}

let shared: Promise<Target> | undefined

/** Set up once for all files: the plugin in it speaks to this stack. */
export function sharedTarget(stack: Stack): Promise<Target> {
  const { GRAFANA_URL: url, GRAFANA_USER: user = 'admin', GRAFANA_PASSWORD: password } = process.env
  shared ??= url ? grafanaTarget(stack, { url, user, password: password ?? '' }) : previewTarget(stack)
  return shared
}
