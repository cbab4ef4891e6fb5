import { PluginPage, type PluginPageProps } from '@grafana/runtime'
import { FreezeNote } from './FreezeNote'

/** A page of the app: whatever it is about, it says when nothing can be run. */
export function Page({ children, ...page }: PluginPageProps) {
  return (
    <PluginPage {...page}>
      <FreezeNote />
      {children}
    </PluginPage>
  )
}
