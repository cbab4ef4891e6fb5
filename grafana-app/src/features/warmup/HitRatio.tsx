import { type EmbeddedScene, PanelBuilders, UrlSyncContextProvider } from '@grafana/scenes'
import { useMemo } from 'react'
import { chartData, chartScene } from '../../components/chartScene'
import { hitRatioOver, keysOver } from '../../queries/warmth'
import { usePrometheusUid } from '../../queries/usePrometheus'

/** Hit ratio and keys over the last while, so that a warmup can be seen to work; the time range stands in the URL. */
export function HitRatio({ cluster }: { readonly cluster: string }) {
  const uid = usePrometheusUid()
  const scene = useMemo(() => (uid === undefined ? undefined : sceneOf(cluster, uid)), [cluster, uid])
  return (
    scene && (
      <UrlSyncContextProvider scene={scene} createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    )
  )
}

function sceneOf(cluster: string, uid: string): EmbeddedScene {
  const panel = (title: string, description: string) =>
    PanelBuilders.timeseries()
      .setTitle(title)
      .setDescription(description)
      .setMin(0)
      .setNoValue('No data')
      .setCustomFieldConfig('fillOpacity', 8)
  return chartScene({
    panels: [
      panel('Hit ratio', 'Lookups that found their key. A warmup makes it rise.')
        .setUnit('percentunit')
        .setMax(1)
        .setData(chartData(uid, [{ expr: hitRatioOver(cluster), legendFormat: 'hit ratio' }]))
        .build(),
      panel('Keys', 'Keys on the primaries.')
        .setUnit('short')
        .setData(chartData(uid, [{ expr: keysOver(cluster), legendFormat: 'keys' }]))
        .build(),
    ],
    width: 380,
    height: 220,
    refresh: '5s',
    intervals: ['5s', '15s', '1m'],
  })
}
