import { PanelPlugin, VizOrientation, type PanelProps } from '@grafana/data'
import { config } from '@grafana/runtime'
import { BarGauge, BarGaugeDisplayMode } from '@grafana/ui'
import { valueDefaults, Values, type ValueOptions } from './values'

interface Options extends ValueOptions {
  displayMode: BarGaugeDisplayMode
  showUnfilled: boolean
}

const defaults: Options = {
  ...valueDefaults,
  orientation: VizOrientation.Horizontal,
  displayMode: BarGaugeDisplayMode.Gradient,
  showUnfilled: true,
}

function BarGaugePanel(props: PanelProps<Options>) {
  const { displayMode, showUnfilled } = props.options
  return (
    <Values
      panel={props}
      render={({ value: { display, field, view, colIndex }, width, height, orientation }) => (
        <BarGauge
          value={display}
          field={field}
          display={view?.getFieldDisplayProcessor(colIndex ?? 0)}
          width={width}
          height={height}
          orientation={orientation}
          theme={config.theme2}
          displayMode={displayMode}
          showUnfilled={showUnfilled}
        />
      )}
    />
  )
}

export const plugin = new PanelPlugin<Options>(BarGaugePanel)
  .setPanelOptions((builder) => {
    for (const [path, defaultValue] of Object.entries(defaults))
      builder.addCustomEditor({ id: path, path: path, name: path, editor: () => null, defaultValue })
  })
  .useFieldConfig({
    standardOptions: {
      color: {
        settings: { byValueSupport: true, preferThresholdsMode: true },
        defaultValue: { mode: 'thresholds' },
      },
    },
  })
