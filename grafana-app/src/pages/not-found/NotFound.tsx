import { EmptyState, LinkButton } from '@grafana/ui'
import { paths } from '../../app/paths'
import { Page } from '../../features/operations/Page'

export function NotFound() {
  return (
    <Page pageNav={{ text: 'Not found' }}>
      <EmptyState
        variant="not-found"
        message="There is no such page"
        button={<LinkButton href={paths.clusters}>All clusters</LinkButton>}
      />
    </Page>
  )
}
