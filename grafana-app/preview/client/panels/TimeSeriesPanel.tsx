/* eslint-disable @typescript-eslint/no-unsafe-enum-assignment -- the packages' enums are const, or typed twice */
import {
  dateTimeFormat,
  FieldType,
  getFieldDisplayName,
  getFieldSeriesColor,
  PanelPlugin,
  type DataFrame,
  type PanelProps,
} from '@grafana/data'
import { config, PanelDataErrorView } from '@grafana/runtime'
import {
  DrawStyle,
  LegendDisplayMode,
  SeriesTable,
  TimeSeries,
  TooltipDisplayMode,
  TooltipPlugin2,
  type VizLegendOptions,
  type VizTooltipOptions,
} from '@grafana/ui'
import { addCustomFields } from './customFields'

interface Options {
  legend: VizLegendOptions
  tooltip: VizTooltipOptions
}

/** TooltipHoverMode is a const enum, which the package does not export. */
type HoverMode = Parameters<typeof TooltipPlugin2>[0]['hoverMode']
const ONE_SERIES = 0 as HoverMode
const ALL_SERIES = 1 as HoverMode

function TimeSeriesPanel(props: PanelProps<Options>) {
  const { id, data, options, width, height, timeRange, timeZone, fieldConfig, onChangeTimeRange } = props
  const frames = data.series.filter(isGraphable)
  if (frames.length === 0)
    return (
      <PanelDataErrorView
        panelId={id}
        fieldConfig={fieldConfig}
        data={data}
        needsTimeField
        needsNumberField
      />
    )
  const { mode } = options.tooltip
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      legend={options.legend}
    >
      {(builder, aligned) =>
        mode !== TooltipDisplayMode.None && (
          <TooltipPlugin2
            config={builder}
            hoverMode={mode === TooltipDisplayMode.Multi ? ALL_SERIES : ONE_SERIES}
            queryZoom={onChangeTimeRange}
            render={(_plot, indexes, series) => (
              <Tooltip
                frame={aligned}
                indexes={indexes}
                only={mode === TooltipDisplayMode.Multi ? null : series}
              />
            )}
          />
        )
      }
    </TimeSeries>
  )
}

interface TooltipProps {
  frame: DataFrame
  indexes: (number | null)[]
  /** The series under the pointer, or null for all. */
  only: number | null
}

function Tooltip({ frame, indexes, only }: TooltipProps) {
  const at = indexes.find((index) => index !== null)
  const time = at === undefined ? undefined : (frame.fields[0]?.values[at] as number | undefined)
  const rows = frame.fields.flatMap((field, index) => {
    const row = indexes[index]
    const hidden = index === 0 || (only !== null && only !== index)
    if (hidden || row === null || row === undefined) return []
    const value = field.display?.(field.values[row])
    const shown = value
      ? `${value.prefix ?? ''}${value.text}${value.suffix ?? ''}`
      : String(field.values[row])
    return [
      {
        label: getFieldDisplayName(field, frame),
        value: shown,
        color: getFieldSeriesColor(field, config.theme2).color,
      },
    ]
  })
  return (
    <div style={{ padding: 8 }}>
      <SeriesTable timestamp={time === undefined ? '' : dateTimeFormat(time)} series={rows} />
    </div>
  )
}

function isGraphable({ fields, length }: DataFrame): boolean {
  const has = (type: FieldType) => fields.some((field) => field.type === type)
  return length > 0 && has(FieldType.time) && has(FieldType.number)
}

export const plugin = new PanelPlugin<Options>(TimeSeriesPanel)
  .setPanelOptions((builder) => {
    const legend: VizLegendOptions = {
      displayMode: LegendDisplayMode.List,
      placement: 'bottom',
      showLegend: true,
      calcs: [],
    }
    builder.addCustomEditor({
      id: 'legend',
      path: 'legend',
      name: '',
      editor: () => null,
      defaultValue: legend,
    })
    builder.addCustomEditor({
      id: 'tooltip',
      path: 'tooltip',
      name: '',
      editor: () => null,
      defaultValue: { mode: TooltipDisplayMode.Single, sort: 'none' },
    })
  })
  .useFieldConfig({
    standardOptions: {
      color: {
        settings: { byValueSupport: true, bySeriesSupport: true },
        defaultValue: { mode: 'palette-classic' },
      },
    },
    useCustomConfig: (builder) =>
      addCustomFields(builder, {
        drawStyle: DrawStyle.Line,
        lineInterpolation: 'linear',
        lineWidth: 1,
        lineColor: undefined,
        lineStyle: undefined,
        fillOpacity: 0,
        fillColor: undefined,
        gradientMode: 'none',
        fillBelowTo: undefined,
        barAlignment: 0,
        barWidthFactor: 0.6,
        barMaxWidth: undefined,
        spanNulls: false,
        insertNulls: false,
        showPoints: 'auto',
        pointSize: 5,
        pointColor: undefined,
        stacking: { mode: 'none', group: 'A' },
        axisPlacement: 'auto',
        axisLabel: '',
        axisWidth: undefined,
        axisSoftMin: undefined,
        axisSoftMax: undefined,
        axisGridShow: undefined,
        axisBorderShow: false,
        axisColorMode: 'text',
        axisCenteredZero: false,
        scaleDistribution: { type: 'linear' },
        hideFrom: { tooltip: false, viz: false, legend: false },
        thresholdsStyle: { mode: 'off' },
        transform: undefined,
      }),
  })
