/** Files of Grafana's packages that its core imports and the packages do not export; build.mjs finds them. */
declare module '@grafana-deep/runtime/components/PanelDataErrorView.mjs' {
  import type { PanelDataErrorViewProps } from '@grafana/runtime'
  import type { ComponentType } from 'react'
  export function setPanelDataErrorView(view: ComponentType<PanelDataErrorViewProps>): void
}
declare module '@grafana-deep/runtime/components/PluginPage.mjs' {
  import type { PluginPageProps } from '@grafana/runtime'
  import type { ComponentType } from 'react'
  export function setPluginPage(page: ComponentType<PluginPageProps>): void
}
declare module '@grafana-deep/runtime/services/logging/registry.mjs' {
  export function initializeLoggersRegistry(): void
}
declare module '@grafana-deep/runtime/services/dataSource/dataSource.mjs' {
  export function setDataSourcePluginImporter(importer: () => Promise<unknown>): void
}
declare module '@grafana-deep/runtime/services/dataSource/settings.mjs' {
  import type { DataSourceInstanceSettings } from '@grafana/data'
  export function initDataSourceInstanceSettings(
    settings: Record<string, DataSourceInstanceSettings>,
    defaultName: string,
  ): void
}
declare module '@grafana-deep/i18n/i18n.mjs' {
  export function initializeI18n(options: { language: string; ns: string[] }): Promise<{ language: string }>
}
declare module '@grafana-deep/ui/themes/GlobalStyles/GlobalStyles.mjs' {
  export function GlobalStyles(): import('react').ReactElement
}
declare module 'systemjs/dist/system.min.js'
declare module 'systemjs/dist/extras/amd.min.js'
/** Version 6 of the router under the name by which Grafana has it beside version 5. */
declare module 'react-router-dom-v5-compat' {
  export * from 'react-router-dom'
}
