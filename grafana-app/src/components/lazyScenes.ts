import { lazy, type ComponentType } from 'react'
import { PLUGIN_ID } from '../app/settings'

/** A lazy component whose module imports Scenes: that takes its texts while it loads, so translations come before. */
export function lazyScenes<P>(load: () => Promise<ComponentType<P>>) {
  return lazy(async () => {
    const { initPluginTranslations } = await import('@grafana/i18n')
    await initPluginTranslations(PLUGIN_ID)
    return { default: await load() }
  })
}
