import { createRoot } from 'react-dom/client'
import type { Boot } from '../../../stack/src/preview/boot'
import { App } from './App'
import { loadSettings } from './appMeta'
import { importApp, PanelPlugins, shareModules } from './loader'
import { setSingletons } from './services/singletons'

/** Sets up what Grafana's packages expect of Grafana, loads the plugin and shows the page. */
export async function start(boot: Boot): Promise<void> {
  const panels = new PanelPlugins(boot.panels)
  await setSingletons(boot, panels)
  shareModules()
  const plugin = await importApp(await loadSettings(boot.plugin))
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no root')
  createRoot(root).render(<App boot={boot} plugin={plugin} />)
}
