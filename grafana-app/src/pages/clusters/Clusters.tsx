import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { EmptyState, FilterInput, LinkButton, RadioButtonGroup, useStyles2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { ClusterSummary } from '../../api/contract'
import { useClusters } from '../../api/hooks'
import { useStreamState } from '../../api/useEventStream'
import { Filters } from '../../components/Filters'
import { CopyText } from '../../components/CopyText'
import { LiveState } from '../../components/LiveState'
import { Loaded } from '../../components/states/Loaded'
import { useNow } from '../../components/useNow'
import { useUrlState } from '../../components/useUrlState'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { ClusterTile } from './ClusterTile'
import { arrange, isOrder, ORDERS, type Order } from './sort'
import { useTiles } from './useTiles'
import { Page } from '../../features/operations/Page'

/** Which cluster hurts? */
export function Clusters() {
  return (
    <Page subTitle="Which cluster hurts? Worst first.">
      <Loaded query={useClusters()} what="the clusters">
        {(clusters) => (clusters.length === 0 ? <NoClusters /> : <Tiles clusters={clusters} />)}
      </Loaded>
    </Page>
  )
}

const ORDER_OPTIONS = Object.entries(ORDERS).map(([value, { text }]) => ({
  value: value as Order,
  label: text,
}))

function Tiles({ clusters }: { readonly clusters: readonly ClusterSummary[] }) {
  const styles = useStyles2(getStyles)
  const [text, setText] = useUrlState('q')
  const [order, setOrder] = useUrlState('sort', 'worst')
  const chosen = isOrder(order) ? order : 'worst'
  const { tiles, prometheus } = useTiles(clusters, useNow())
  const shown = arrange(tiles, { order: chosen, text })
  return (
    <>
      <Filters label="Filter the clusters">
        <FilterInput
          aria-label="Name or verdict of clusters"
          placeholder="Name or verdict"
          value={text}
          onChange={setText}
          width={30}
        />
        <RadioButtonGroup
          aria-label="What comes first"
          options={ORDER_OPTIONS}
          value={chosen}
          onChange={setOrder}
        />
        <LiveState state={useStreamState()} />
      </Filters>
      <PrometheusTrouble error={prometheus.error} missing="Firing alerts and the age of the last scrape" />
      {shown.length === 0 ? (
        <EmptyState variant="not-found" message="No cluster matches" />
      ) : (
        <div className={styles.tiles}>
          {shown.map((tile) => (
            <ClusterTile key={tile.name} tile={tile} />
          ))}
        </div>
      )}
    </>
  )
}

const EXAMPLE = `# slotwise.yml
clusters:
  - name: demo
    seeds: [redis://127.0.0.1:7000]`

function NoClusters() {
  return (
    <EmptyState
      variant="call-to-action"
      message="No cluster is configured"
      button={
        <LinkButton href={paths.configuration} variant="secondary">
          Configuration of the plugin
        </LinkButton>
      }
    >
      <p>
        Name your clusters in the exporter’s configuration file and start it with --config.file; one seed is
        enough, the other nodes are discovered. If there are clusters already, the plugin’s read token may not
        see them.
      </p>
      <CopyText label="Example of a configuration file" text={EXAMPLE} />
    </EmptyState>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  tiles: css({
    display: 'grid',
    gap: theme.spacing(2),
    gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${theme.spacing(46)}), 1fr))`,
  }),
})
