import { css } from '@emotion/css'
import { getBackendSrv, locationService } from '@grafana/runtime'
import { Combobox, InlineField, useStyles2 } from '@grafana/ui'
import type { GrafanaTheme2 } from '@grafana/data'
import { useAsync } from 'react-use'
import { useLocation } from 'react-router-dom-v5-compat'
import { useBoot } from '../chrome/bootContext'
import { PluginPage } from '../chrome/PluginPage'
import { NestedPanel } from './NestedPanel'

const PARAMETER = 'var-cluster'

/** A dashboard with the app's own panels, and the variable $cluster that they follow. */
export function PanelsPage() {
  const styles = useStyles2(getStyles)
  const { plugin, panels } = useBoot()
  const { search } = useLocation()
  const { value: clusters = [] } = useAsync(() => clusterNames(plugin.id), [plugin.id])
  const cluster = new URLSearchParams(search).get(PARAMETER) ?? clusters[0] ?? ''
  return (
    <PluginPage pageNav={{ text: 'Action panels' }}>
      <InlineField label="cluster">
        <Combobox
          aria-label="cluster"
          width={30}
          options={[...new Set([cluster, ...clusters])].filter(Boolean).map((value) => ({ value }))}
          value={cluster}
          onChange={({ value }) => locationService.partial({ [PARAMETER]: value })}
        />
      </InlineField>
      <div className={styles.grid}>
        {cluster !== '' &&
          panels.map(({ id, name }, index) => (
            <NestedPanel
              key={`${id} ${cluster}`}
              id={index + 1}
              pluginId={id}
              title={name}
              variables={{ cluster }}
            />
          ))}
      </div>
    </PluginPage>
  )
}

async function clusterNames(pluginId: string): Promise<string[]> {
  const { clusters } = await getBackendSrv().get<{ clusters: { name: string }[] }>(
    `/api/plugin-proxy/${pluginId}/api/v1/clusters`,
  )
  return clusters.map(({ name }) => name)
}

function getStyles(theme: GrafanaTheme2) {
  return {
    grid: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(min(480px, 100%), 1fr))',
      gridAutoRows: 640,
      gap: theme.spacing(1),
      marginTop: theme.spacing(1),
    }),
  }
}
