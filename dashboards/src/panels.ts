/** Panels in the house style: a description, a unit, the dashboard's data source. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** The data source that the reader chose. */
export const datasource = { type: 'prometheus', uid: '${datasource}' }

export interface PanelOptions {
  title: string
  /** What it shows and when to worry: it is read at night. */
  description: string
  /** Grafana's id of the unit. */
  unit: string
  /** 1..24 */
  width: number
  height?: number
}

export type Query = Builder<Dataquery>

/** One value a series, now. */
export function instantQuery(refId: string, expr: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(datasource).refId(refId).expr(expr).instant()
}

/** As `instantQuery`, a row a series with its labels as columns. */
export function tableQuery(refId: string, expr: string): DataqueryBuilder {
  return instantQuery(refId, expr).format(PromQueryFormat.Table)
}

/** A line a series. `legend` is Grafana's format: `{{instance}}`. */
export function rangeQuery(refId: string, expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(datasource).refId(refId).expr(expr).legendFormat(legend).range()
}

/** From the first colour (no bound) upwards. */
export function thresholds(...steps: [color: string, from?: number][]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([color, from]): Threshold => ({ color, value: from ?? null })))
}

/** One number with a colour that says whether it is good. */
export function stat(
  options: PanelOptions & { expr: string; good: ThresholdsConfigBuilder; noValue: string },
): StatBuilder {
  return new StatBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(datasource)
    .span(options.width)
    .height(options.height ?? 4)
    .unit(options.unit)
    .noValue(options.noValue)
    .thresholds(options.good)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .withTarget(instantQuery('A', options.expr))
}

/** Lines over time; the legend is a table with the highest on top. */
export function timeseries(options: PanelOptions & { queries: Query[]; min?: number }): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(datasource)
    .span(options.width)
    .height(options.height ?? 8)
    .unit(options.unit)
    .min(options.min ?? 0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max'])
        .sortBy('Max')
        .sortDesc(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  return options.queries.reduce((built, query) => built.withTarget(query), panel)
}
