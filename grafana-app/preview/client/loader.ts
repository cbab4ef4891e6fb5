/// <reference types="systemjs" />
import 'systemjs/dist/system.min.js'
import 'systemjs/dist/extras/amd.min.js'
import type { AppPlugin, AppPluginMeta, PanelPlugin, PanelPluginMeta } from '@grafana/data'
import type { BootPanel, BootPlugin } from '../../../stack/src/preview/boot'
import { sharedModules } from './sharedModules'

const core: Readonly<Record<string, () => Promise<{ plugin: unknown }>>> = {
  timeseries: () => import('./panels/TimeSeriesPanel'),
}

/**
 * Tells SystemJS where the shared modules are. It takes a snapshot of each, so whatever a module exports as `let`
 * (PluginPage) has to be set before.
 */
export function shareModules(): void {
  for (const [name, module] of Object.entries(sharedModules)) System.set(`host:${name}`, module)
  System.addImportMap({
    imports: Object.fromEntries(Object.keys(sharedModules).map((name) => [name, `host:${name}`])),
  })
}

/** The app's built module, as Grafana loads it. */
export async function importApp(meta: AppPluginMeta): Promise<AppPlugin> {
  const { plugin } = await System.import<{ plugin: AppPlugin }>(meta.module)
  plugin.meta = meta
  plugin.init(meta)
  return plugin
}

/** plugin.json -> what Grafana's server makes of it for the browser. */
export function pluginMeta(manifest: BootPlugin | BootPanel, module: string): Record<string, unknown> {
  const baseUrl = module.replace(/\/module\.js.*$/, '')
  return { ...manifest, module, baseUrl, signature: 'unsigned' }
}

/** Panel plugins: those nested in the app, and thin stand-ins for Grafana's own, of which no package exists. */
export class PanelPlugins {
  private readonly loaded = new Map<string, PanelPlugin>()

  constructor(private readonly nested: readonly BootPanel[]) {}

  readonly getPanelPluginFromCache = (id: string): PanelPlugin | undefined => this.loaded.get(id)

  readonly importPanelPlugin = async (id: string): Promise<PanelPlugin> => {
    const known = this.loaded.get(id)
    if (known) return known
    const manifest = this.nested.find((panel) => panel.id === id)
    const { plugin } = (await (manifest ? System.import(manifest.module) : this.importCore(id))) as {
      plugin: PanelPlugin
    }
    plugin.meta = (manifest
      ? pluginMeta(manifest, manifest.module)
      : { id, name: id, type: 'panel', info: {}, sort: 0 }) as unknown as PanelPluginMeta
    this.loaded.set(id, plugin)
    return plugin
  }

  private importCore(id: string): Promise<{ plugin: unknown }> {
    const load = core[id]
    if (!load)
      throw new Error(
        `the preview host has no panel ${id}; it has ${Object.keys(core).join(', ')} and the app's own`,
      )
    return load()
  }
}
