import type { Boot } from '../../../stack/src/preview/boot'

export type ThemeName = 'dark' | 'light'

const STORED = 'slotwise-preview.theme'

/** `?theme=` wins and is kept; else what was chosen last; dark at first, as in Grafana. */
export function chosenTheme(): ThemeName {
  const asked = new URLSearchParams(location.search).get('theme')
  if (asked === 'light' || asked === 'dark') keepTheme(asked)
  return localStorage.getItem(STORED) === 'light' ? 'light' : 'dark'
}

export function keepTheme(theme: ThemeName): void {
  localStorage.setItem(STORED, theme)
}

/** window.grafanaBootData: what Grafana's server writes into its page, as far as its packages read it. */
export function bootData({ user, plugin, dataSources, grafanaVersion }: Boot): unknown {
  const theme = chosenTheme()
  return {
    assets: { dark: '', light: '' },
    navTree: [],
    user: {
      ...user,
      theme,
      lightTheme: theme === 'light',
      isSignedIn: true,
      isGrafanaAdmin: false,
      orgId: 1,
      orgName: 'Main Org.',
      orgRole: user.role,
      orgCount: 1,
      timezone: 'browser',
      weekStart: 'browser',
      locale: 'en-US',
      regionalFormat: 'en-US',
      language: 'en-US',
    },
    settings: {
      appSubUrl: '',
      appUrl: `${location.origin}/`,
      buildInfo: { version: grafanaVersion, commit: 'preview', env: 'production' },
      datasources: Object.fromEntries(dataSources.map((source) => [source.name, source])),
      defaultDatasource: dataSources.find(({ isDefault }) => isDefault)?.name ?? '',
      featureToggles: {},
      panels: {},
      apps: {
        [plugin.id]: { id: plugin.id, path: '', version: plugin.info.version, preload: false, angular: {} },
      },
      grafanaJavascriptAgent: { enabled: false },
      liveEnabled: false,
    },
  }
}
