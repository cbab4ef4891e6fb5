import { createContext, useContext } from 'react'

/** jsonData of the plugin; the three tokens are in secureJsonData: readToken, planToken, runToken. */
export interface AppSettings {
  /** The control API as Grafana's server reaches it, e.g. http://exporter:8121. */
  readonly apiUrl?: string
  /** Uid of the Prometheus data source; empty: the default one. */
  readonly prometheusUid?: string
}

export const PLUGIN_ID = 'slotwise-clusters-app'
export const APP_PATH = `/a/${PLUGIN_ID}`

/** The tokens and the route of whoami that each answers for. */
export const TOKENS = ['read', 'plan', 'run'] as const
export type TokenUse = (typeof TOKENS)[number]

export const SettingsContext = createContext<AppSettings>({})

export function useSettings(): AppSettings {
  return useContext(SettingsContext)
}
