import { EmptyState } from '@grafana/ui'
import { PluginPage } from '../chrome/PluginPage'

export function NotFound() {
  return (
    <PluginPage pageNav={{ text: 'Page not found' }}>
      <EmptyState variant="not-found" message="The preview host has no such page.">
        It shows the pages of the plugin; what belongs to Grafana itself is not here.
      </EmptyState>
    </PluginPage>
  )
}
