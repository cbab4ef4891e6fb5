import { UrlSyncContextProvider } from '@grafana/scenes'
import { Alert } from '@grafana/ui'
import { useMemo } from 'react'
import { usePrometheusUid } from '../../queries/usePrometheus'
import { clusterScene } from './scene'

interface Props {
  readonly cluster: string
  /** Names of the nodes in metrics, separated by commas; empty: not known, so all. */
  readonly instances: string
}

/** Curves of the cluster from Prometheus; time range and nodes stand in the URL. */
export function Charts({ cluster, instances }: Props) {
  const uid = usePrometheusUid()
  const scene = useMemo(
    () => (uid === undefined ? undefined : clusterScene({ cluster, uid, instances })),
    [cluster, uid, instances],
  )
  if (!scene)
    return (
      <Alert severity="info" role="status" title="No charts: there is no Prometheus data source">
        Add one to Grafana, or choose one in the plugin’s configuration.
      </Alert>
    )
  return (
    <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
      <scene.Component model={scene} />
    </UrlSyncContextProvider>
  )
}
