import { PanelPlugin, type PanelProps } from '@grafana/data'
import { PanelDataErrorView } from '@grafana/runtime'
import { TableCellDisplayMode } from '@grafana/ui'
import { TableNG } from '@grafana/ui/unstable'
import { addCustomFields } from './customFields'

interface Options {
  showHeader: boolean
  sortBy?: { displayName: string; desc?: boolean }[]
}

/** The first frame as a table; several frames are joined by a transformation first, as in Grafana. */
function TablePanel({ id, data, options, width, height, fieldConfig, timeRange }: PanelProps<Options>) {
  const [frame] = data.series
  if (!frame || frame.length === 0)
    return <PanelDataErrorView panelId={id} fieldConfig={fieldConfig} data={data} />
  return (
    <TableNG
      data={frame}
      structureRev={data.structureRev}
      fieldConfig={fieldConfig}
      timeRange={timeRange}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      sortBy={options.sortBy}
      sortByBehavior="initial"
      resizable
    />
  )
}

export const plugin = new PanelPlugin<Options>(TablePanel)
  .setPanelOptions((builder) =>
    builder.addBooleanSwitch({ path: 'showHeader', name: 'Header', defaultValue: true }),
  )
  .useFieldConfig({
    useCustomConfig: (builder) =>
      addCustomFields(builder, {
        width: undefined,
        minWidth: 50,
        align: 'auto',
        cellOptions: { type: TableCellDisplayMode.Auto },
        inspect: false,
        filterable: false,
        hideFrom: { viz: false },
      }),
  })
