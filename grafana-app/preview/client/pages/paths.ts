/** A dashboard's address, so that the panels meet what they meet in Grafana. */
export const PANELS_PATH = '/d/preview-panels'
