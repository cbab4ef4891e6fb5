import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { LoadingPlaceholder, TextLink, useStyles2 } from '@grafana/ui'
import { QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { queryClient } from '../api/queryClient'
import { useCluster, useClusters } from '../api/hooks'
import { useLiveQueries } from '../api/useEventStream'
import { paths, type ClusterTab } from '../app/paths'
import { TroubleAlert } from '../components/states/TroubleAlert'
import { ActionFlow } from '../features/operations/ActionFlow'
import type { ActionKind } from '../features/operations/kind'

interface Props {
  /** The panel's option with its variables filled in; empty: the only cluster there is. */
  readonly cluster: string
  readonly width: number
  readonly height: number
  readonly kind: ActionKind
  /** The page that has the same and more. */
  readonly tab: ClusterTab
  /** What is shown before the flow while nothing was planned. */
  readonly now?: (cluster: string) => ReactNode
}

/** A kind of operation as a panel of any dashboard: the same flow as on its page, scrolling inside. */
export function ClusterPanel(props: Props) {
  const styles = useStyles2(getStyles)
  return (
    <QueryClientProvider client={queryClient}>
      {/* What scrolls must take the keyboard's focus. */}
      <div
        className={styles.panel}
        style={{ width: props.width, height: props.height }}
        role="region"
        aria-label={`Slotwise: ${props.kind.noun}`}
        tabIndex={0}
      >
        <Chosen {...props} />
      </div>
    </QueryClientProvider>
  )
}

function Chosen(props: Props) {
  useLiveQueries()
  const { data, error } = useClusters()
  if (props.cluster !== '') return <Flow key={props.cluster} {...props} />
  if (!data) return error ? <TroubleAlert error={error} /> : <LoadingPlaceholder text="Loading…" />
  const [only, ...others] = data
  if (only && others.length === 0) return <Flow key={only.name} {...props} cluster={only.name} />
  return (
    <p>
      Name a cluster in the panel’s options, or a variable such as <code>$cluster</code>. There{' '}
      {data.length === 0 ? 'is none' : `are ${data.map(({ name }) => name).join(', ')}`}.
    </p>
  )
}

function Flow({ cluster, kind, tab, now }: Props) {
  const styles = useStyles2(getStyles)
  const [planId, setPlanId] = useState<string>()
  const [left, setLeft] = useState<string>()
  const { data } = useCluster(cluster)
  const running = data?.operations.find((operation) => operation.kind === kind.name)
  // On a wall nobody clicks: what runs is shown, unless somebody has turned away from it.
  if (planId === undefined && running && running.id !== left) setPlanId(running.id)
  return (
    <>
      {planId === undefined && now && <div className={styles.now}>{now(cluster)}</div>}
      <ActionFlow
        cluster={cluster}
        kind={kind}
        planId={planId}
        onPlanId={(id) => {
          setLeft(planId)
          setPlanId(id)
        }}
      />
      <p>
        <TextLink href={`${paths.cluster(cluster, tab)}${planId === undefined ? '' : `?plan=${planId}`}`}>
          Open in Slotwise
        </TextLink>
      </p>
    </>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  now: css({ marginBottom: theme.spacing(2) }),
  panel: css({
    overflow: 'auto',
    padding: theme.spacing(0.5),
    '& > p:last-child': { marginTop: theme.spacing(2) },
  }),
})
