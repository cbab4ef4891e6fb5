import { PluginPage } from '@grafana/runtime'
import { EmptyState, LinkButton } from '@grafana/ui'
import { paths } from '../../app/paths'

export function NotFound() {
  return (
    <PluginPage pageNav={{ text: 'Not found' }}>
      <EmptyState
        variant="not-found"
        message="There is no such page"
        button={<LinkButton href={paths.clusters}>All clusters</LinkButton>}
      />
    </PluginPage>
  )
}
