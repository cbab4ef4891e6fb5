import {
  EventBusSrv,
  getDefaultTimeRange,
  LoadingState,
  PluginContextProvider,
  type PanelData,
  type PanelPlugin,
} from '@grafana/data'
import { getPluginImportUtils } from '@grafana/runtime'
import { ErrorBoundaryAlert, PanelChrome } from '@grafana/ui'
import { useMemo, useState } from 'react'
import { useAsync, useMeasure } from 'react-use'

interface Props {
  id: number
  pluginId: string
  title: string
  variables: Readonly<Record<string, string>>
}

const timeRange = getDefaultTimeRange()
const noData: PanelData = { state: LoadingState.Done, series: [], timeRange }

/** One panel of a dashboard: the plugin in its frame, with the options it starts with. */
export function NestedPanel({ id, pluginId, title, variables }: Props) {
  const [ref, { width, height }] = useMeasure<HTMLDivElement>()
  const { value: plugin, error } = useAsync(
    () => getPluginImportUtils().importPanelPlugin(pluginId),
    [pluginId],
  )
  return (
    <div ref={ref}>
      {width > 0 && (
        <PanelChrome
          title={title}
          width={width}
          height={height}
          {...(error && { statusMessage: error.message })}
        >
          {(innerWidth, innerHeight) =>
            plugin && (
              <ErrorBoundaryAlert boundaryName={`preview-${pluginId}`}>
                <Body {...{ id, plugin, title, variables, width: innerWidth, height: innerHeight }} />
              </ErrorBoundaryAlert>
            )
          }
        </PanelChrome>
      )}
    </div>
  )
}

interface BodyProps extends Omit<Props, 'pluginId'> {
  plugin: PanelPlugin
  width: number
  height: number
}

function Body({ id, plugin, title, variables, width, height }: BodyProps) {
  const [options, setOptions] = useState<object>({ ...plugin.defaults, cluster: '$cluster' })
  const eventBus = useMemo(() => new EventBusSrv(), [])
  const Panel = plugin.panel
  if (!Panel) return null
  return (
    <PluginContextProvider meta={plugin.meta}>
      <Panel
        id={id}
        title={title}
        data={noData}
        timeRange={timeRange}
        timeZone="browser"
        options={options}
        onOptionsChange={setOptions}
        fieldConfig={{ defaults: {}, overrides: [] }}
        onFieldConfigChange={() => undefined}
        replaceVariables={(text) =>
          text.replace(
            /\$(\w+)|\$\{(\w+)(?::\w+)?\}/g,
            (match, plain?: string, braced?: string) => variables[plain ?? braced ?? ''] ?? match,
          )
        }
        onChangeTimeRange={() => undefined}
        eventBus={eventBus}
        renderCounter={0}
        transparent={false}
        width={width}
        height={height}
      />
    </PluginContextProvider>
  )
}
