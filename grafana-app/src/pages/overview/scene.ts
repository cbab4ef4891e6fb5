import { CustomVariable, type EmbeddedScene, PanelBuilders, SceneVariableSet } from '@grafana/scenes'
import { SortOrder, TooltipDisplayMode } from '@grafana/schema'
import { chartData, chartScene } from '../../components/chartScene'
import * as queries from '../../queries/cluster'

interface Query {
  readonly expr: (cluster: string) => string
  readonly legend: string
}

interface Chart {
  readonly title: string
  /** What it shows and when to worry: it is read at night. */
  readonly description: string
  readonly unit: string
  readonly max?: number
  readonly queries: readonly Query[]
}

const node = (expr: Query['expr']): Query => ({ expr, legend: '{{instance}}' })

/** No node: drawn otherwise than they are. */
const LIMIT = 'lowest limit'

const CHARTS: readonly Chart[] = [
  {
    title: 'Commands by node',
    description:
      'Commands a second. A node far above its peers is hot; one that falls to 0 has lost its clients.',
    unit: 'ops',
    queries: [node(queries.commands)],
  },
  {
    title: 'Hit ratio',
    description: 'Lookups that found their key, of all nodes shown. Low after a restart: the cache is cold.',
    unit: 'percentunit',
    max: 1,
    queries: [{ expr: queries.hitRatio, legend: 'hit ratio' }],
  },
  {
    title: 'Memory by node',
    description: 'Bytes in use, and the lowest maxmemory. At the limit a node evicts keys or refuses writes.',
    unit: 'bytes',
    queries: [node(queries.memoryUsed), { expr: queries.memoryLimit, legend: LIMIT }],
  },
  {
    title: 'Keys evicted and expired',
    description: 'Keys a second. Evictions (by node) mean that memory is short; expiry is normal.',
    unit: 'cps',
    queries: [
      { expr: queries.evicted, legend: 'evicted {{instance}}' },
      { expr: queries.expired, legend: 'expired' },
    ],
  },
  {
    title: 'Clients by node',
    description: 'Connected clients, replicas not counted. Steps up often are reconnection storms.',
    unit: 'none',
    queries: [node(queries.clients)],
  },
  {
    title: 'Replication lag',
    description:
      'Seconds since a replica last confirmed. Around 1 is normal; growth means a slow link or replica.',
    unit: 's',
    queries: [{ expr: queries.replicaLag, legend: '{{replica}}' }],
  },
]

interface Options {
  readonly cluster: string
  /** Of the data source. */
  readonly uid: string
  /** Separated by commas. */
  readonly instances: string
}

/** The charts with their controls: nodes, time range, refresh. */
export function clusterScene({ cluster, uid, instances }: Options): EmbeddedScene {
  return chartScene({
    panels: CHARTS.map((chart) => panel(chart, cluster, uid)),
    width: 460,
    height: 260,
    refresh: '15s',
    intervals: ['5s', '15s', '1m', '5m'],
    variables: new SceneVariableSet({
      variables: [
        new CustomVariable({
          name: 'instance',
          label: 'Nodes',
          query: instances,
          isMulti: true,
          includeAll: true,
          allValue: '.*',
          defaultToAll: true,
          value: '$__all',
        }),
      ],
    }),
  })
}

function panel({ title, description, unit, max, queries: asked }: Chart, cluster: string, uid: string) {
  const built = PanelBuilders.timeseries()
    .setTitle(title)
    .setDescription(description)
    .setUnit(unit)
    .setMin(0)
    .setNoValue('No data')
    .setCustomFieldConfig('fillOpacity', 8)
    .setOverrides((b) =>
      b
        .matchFieldsWithName(LIMIT)
        .overrideColor({ mode: 'fixed', fixedColor: 'text' })
        .overrideCustomFieldConfig('fillOpacity', 0)
        .overrideCustomFieldConfig('lineStyle', { fill: 'dash', dash: [6, 4] }),
    )
    .setOption('tooltip', { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending })
    .setData(
      chartData(
        uid,
        asked.map(({ expr, legend }) => ({ expr: expr(cluster), legendFormat: legend })),
      ),
    )
  return (max === undefined ? built : built.setMax(max)).build()
}
