import type { Trouble } from '../../api/errors'

interface Said {
  readonly title: string
  readonly todo: string
  /** An error needs somebody to act; a warning may pass by itself. */
  readonly severity: 'error' | 'warning' | 'info'
}

/** What to tell whoever looks at a page that can't be shown. */
export const TROUBLES: Readonly<Record<Trouble, Said>> = {
  'exporter-down': {
    title: 'The exporter does not answer',
    todo: 'Look whether slotwise runs, and whether Grafana reaches the address in the plugin’s configuration. The clusters themselves may be well: charts and figures of Prometheus are shown as far as it has them.',
    severity: 'error',
  },
  'prometheus-down': {
    title: 'Prometheus could not be asked',
    todo: 'Look whether Prometheus runs, and test the data source in Grafana. What comes from the exporter itself is right nevertheless.',
    severity: 'warning',
  },
  'no-permission': {
    title: 'Your role does not allow this',
    todo: 'Ask an administrator of this Grafana for the role “Slotwise reader”, or for a higher one.',
    severity: 'warning',
  },
  'no-token': {
    title: 'The plugin has no valid token',
    todo: 'An administrator makes one with “slotwise token new” and sets it in the plugin’s configuration.',
    severity: 'warning',
  },
  'token-lacks': {
    title: 'The plugin’s token may not do this',
    todo: 'An administrator can give the plugin a token with this scope in its configuration.',
    severity: 'warning',
  },
  'not-found': {
    title: 'Not found',
    todo: 'It may be gone, or the plugin’s token may not see it.',
    severity: 'warning',
  },
  'not-read': {
    title: 'Not read yet',
    todo: 'The exporter has not read this cluster so far. If this stays, look at its log: no node may answer.',
    severity: 'info',
  },
  busy: {
    title: 'Too many requests',
    todo: 'The exporter limits requests; this page goes on by itself.',
    severity: 'warning',
  },
  other: { title: 'This could not be read', todo: '', severity: 'error' },
}
