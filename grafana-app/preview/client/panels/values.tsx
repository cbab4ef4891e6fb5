/** What stat and bar gauge share: the reduced values of a panel's data, laid out beside each other. */
import {
  getFieldDisplayValues,
  VizOrientation,
  type FieldDisplay,
  type PanelProps,
  type ReduceDataOptions,
} from '@grafana/data'
import { config, PanelDataErrorView } from '@grafana/runtime'
import { VizRepeater } from '@grafana/ui'
import type { ReactElement } from 'react'

export interface ValueOptions {
  reduceOptions: ReduceDataOptions
  orientation: VizOrientation
}

export const valueDefaults: ValueOptions = {
  reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
  orientation: VizOrientation.Auto,
}

export interface Shown {
  value: FieldDisplay
  width: number
  height: number
  orientation: VizOrientation
  count: number
}

interface ValuesProps<Options extends ValueOptions> {
  panel: PanelProps<Options>
  sparkline?: boolean
  autoGrid?: boolean
  render: (shown: Shown) => ReactElement
}

export function Values<Options extends ValueOptions>(props: ValuesProps<Options>) {
  const { panel, sparkline = false, autoGrid = false, render } = props
  const { id, data, options, width, height, fieldConfig, replaceVariables, renderCounter, timeZone } = panel
  const getValues = (): FieldDisplay[] =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables,
      theme: config.theme2,
      data: data.series,
      sparkline,
      timeZone,
    })
  if (data.series.length === 0)
    return <PanelDataErrorView panelId={id} fieldConfig={fieldConfig} data={data} needsNumberField />
  return (
    <VizRepeater
      getValues={getValues}
      renderValue={render}
      width={width}
      height={height}
      source={data}
      itemSpacing={3}
      autoGrid={autoGrid}
      renderCounter={renderCounter}
      orientation={options.orientation}
    />
  )
}
