import {
  EmbeddedScene,
  PanelBuilders,
  SceneCSSGridItem,
  SceneCSSGridLayout,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneControlsSpacer,
  UrlSyncContextProvider,
} from '@grafana/scenes'
import { useMemo } from 'react'
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
  const data = (expr: string, legendFormat: string) =>
    new SceneQueryRunner({
      datasource: { type: 'prometheus', uid },
      queries: [{ refId: 'A', expr, legendFormat, range: true }],
    })
  const panel = (title: string, description: string) =>
    PanelBuilders.timeseries()
      .setTitle(title)
      .setDescription(description)
      .setMin(0)
      .setNoValue('No data')
      .setCustomFieldConfig('fillOpacity', 8)
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-30m', to: 'now' }),
    controls: [
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ refresh: '5s', intervals: ['5s', '15s', '1m'], isOnCanvas: true }),
    ],
    body: new SceneCSSGridLayout({
      templateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))',
      autoRows: '220px',
      children: [
        new SceneCSSGridItem({
          body: panel('Hit ratio', 'Lookups that found their key. A warmup makes it rise.')
            .setUnit('percentunit')
            .setMax(1)
            .setData(data(hitRatioOver(cluster), 'hit ratio'))
            .build(),
        }),
        new SceneCSSGridItem({
          body: panel('Keys', 'Keys on the primaries.')
            .setUnit('short')
            .setData(data(keysOver(cluster), 'keys'))
            .build(),
        }),
      ],
    }),
  })
}
