import { PanelPlugin, type PanelProps } from '@grafana/data'
import { config } from '@grafana/runtime'
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
} from '@grafana/ui'
import { valueDefaults, Values, type ValueOptions } from './values'

interface Options extends ValueOptions {
  colorMode: BigValueColorMode
  graphMode: BigValueGraphMode
  justifyMode: BigValueJustifyMode
  textMode: BigValueTextMode
}

const defaults: Options = {
  ...valueDefaults,
  colorMode: BigValueColorMode.Value,
  graphMode: BigValueGraphMode.Area,
  justifyMode: BigValueJustifyMode.Auto,
  textMode: BigValueTextMode.Auto,
}

function StatPanel(props: PanelProps<Options>) {
  const { colorMode, graphMode, justifyMode, textMode } = props.options
  return (
    <Values
      panel={props}
      autoGrid
      sparkline={graphMode !== BigValueGraphMode.None}
      render={({ value: { display, sparkline }, width, height, count }) => (
        <BigValue
          value={display}
          sparkline={sparkline}
          width={width}
          height={height}
          count={count}
          theme={config.theme2}
          colorMode={colorMode}
          graphMode={graphMode}
          justifyMode={justifyMode}
          textMode={textMode}
        />
      )}
    />
  )
}

export const plugin = new PanelPlugin<Options>(StatPanel)
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
