import { type EmbeddedScene, PanelBuilders, UrlSyncContextProvider } from '@grafana/scenes'
import { TooltipDisplayMode } from '@grafana/schema'
import { useMemo } from 'react'
import { chartData, chartScene } from '../../components/chartScene'
import type { Fact } from '../../features/topology/fact'
import { factsOf, type PartName } from '../../features/topology/facts'
import { ofInstances } from '../../queries/selector'
import { usePrometheusUid } from '../../queries/usePrometheus'

interface Props {
  readonly part: PartName
  readonly cluster: string
  readonly instance: string
  /** Instances, separated by commas. */
  readonly peers: string
}

/** The figures of a part over time: the node, and the band in which its peers are. The time range stands in the URL. */
export function NodeCharts({ part, cluster, instance, peers }: Props) {
  const uid = usePrometheusUid()
  const scene = useMemo(
    () => (uid === undefined ? undefined : sceneOf({ part, cluster, instance, peers }, uid)),
    [part, cluster, instance, peers, uid],
  )
  return (
    scene && (
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    )
  )
}

const RANGE = '$__rate_interval'
const BAND = { low: 'peers, lowest', median: 'peers, median', high: 'peers, highest' } as const

function sceneOf({ part, cluster, instance, peers }: Props, uid: string): EmbeddedScene {
  const node = ofInstances(cluster, [instance])
  const others = peers === '' ? undefined : ofInstances(cluster, peers.split(','))
  const drawn = Object.values(factsOf(part)).filter(({ chart }) => chart !== undefined)
  return chartScene({
    panels: drawn.map((fact) => panel(fact, instance, node, others, uid)),
    width: 460,
    height: 240,
    refresh: '15s',
    intervals: ['5s', '15s', '1m', '5m'],
  })
}

function panel(
  { label, about, query, chart = 'none' }: Fact,
  instance: string,
  node: string,
  others: string | undefined,
  uid: string,
) {
  const band =
    others === undefined
      ? []
      : [
          { legendFormat: BAND.low, expr: `min(${query(others, RANGE)})` },
          { legendFormat: BAND.high, expr: `max(${query(others, RANGE)})` },
          { legendFormat: BAND.median, expr: `quantile(0.5, ${query(others, RANGE)})` },
        ]
  const queries = [{ legendFormat: instance, expr: query(node, RANGE) }, ...band]
  const grey = { mode: 'fixed', fixedColor: 'text' }
  const built = PanelBuilders.timeseries()
    .setTitle(label)
    .setDescription(`${about} The band is where the other nodes of its role are.`)
    .setUnit(chart)
    .setMin(0)
    .setNoValue('No data')
    .setOption('tooltip', { mode: TooltipDisplayMode.Multi })
    .setCustomFieldConfig('lineWidth', 2)
    .setOverrides((b) => {
      for (const name of [BAND.low, BAND.high])
        b.matchFieldsWithName(name).overrideColor(grey).overrideCustomFieldConfig('lineWidth', 0)
      b.matchFieldsWithName(BAND.high)
        .overrideCustomFieldConfig('fillBelowTo', BAND.low)
        .overrideCustomFieldConfig('fillOpacity', 15)
      b.matchFieldsWithName(BAND.median)
        .overrideColor(grey)
        .overrideCustomFieldConfig('lineWidth', 1)
        .overrideCustomFieldConfig('lineStyle', { fill: 'dash', dash: [6, 4] })
    })
    .setData(chartData(uid, queries))
  return built.build()
}
