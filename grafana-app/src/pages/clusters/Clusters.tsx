import { PluginPage } from '@grafana/runtime'
import { Alert, LoadingPlaceholder } from '@grafana/ui'
import { useClusters } from '../../api/hooks'

export function Clusters() {
  const { data, error, isPending } = useClusters()
  return (
    <PluginPage>
      {isPending && <LoadingPlaceholder text="Loading clusters…" />}
      {error && <Alert title={error.message} />}
      <ul>
        {data?.map(({ name, verdict }) => (
          <li key={name}>
            {name}: {verdict}
          </li>
        ))}
      </ul>
    </PluginPage>
  )
}
