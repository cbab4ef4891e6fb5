import {
  EmbeddedScene,
  SceneControlsSpacer,
  SceneCSSGridItem,
  SceneCSSGridLayout,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  VariableValueSelectors,
  type SceneVariableSet,
  type VizPanel,
} from '@grafana/scenes'

interface Options {
  readonly panels: readonly VizPanel[]
  /** Pixels: how narrow a panel may get, how high each is. */
  readonly width: number
  readonly height: number
  /** Asked for anew so often at first, as `15s`. */
  readonly refresh: string
  readonly intervals: string[]
  /** What is chosen beside the time range. */
  readonly variables?: SceneVariableSet
}

/** Charts in a grid, with their time range and refresh. */
export function chartScene({ panels, width, height, refresh, intervals, variables }: Options): EmbeddedScene {
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-30m', to: 'now' }),
    ...(variables && { $variables: variables }),
    controls: [
      ...(variables ? [new VariableValueSelectors({})] : []),
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ refresh, intervals, isOnCanvas: true }),
    ],
    body: new SceneCSSGridLayout({
      templateColumns: `repeat(auto-fit, minmax(min(100%, ${width}px), 1fr))`,
      autoRows: `${height}px`,
      children: panels.map((body) => new SceneCSSGridItem({ body })),
    }),
  })
}

interface Query {
  readonly expr: string
  readonly legendFormat: string
}

/** What a panel asks a Prometheus data source for. */
export function chartData(uid: string, queries: readonly Query[]): SceneQueryRunner {
  return new SceneQueryRunner({
    datasource: { type: 'prometheus', uid },
    queries: queries.map((query, index) => ({
      refId: String.fromCharCode(65 + index),
      range: true,
      ...query,
    })),
  })
}
