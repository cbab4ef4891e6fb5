import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, LoadingPlaceholder, TextLink, useStyles2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { Topology } from '../../api/contract'
import type { Fact } from './fact'
import { factsOf } from './facts'
import { outliers } from './outliers'
import { isGone } from './causes'
import { useFacts } from './useFacts'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'

/** Below `least` it is noise. */
const MEASURES = {
  commands: factsOf('commands').commands!,
  latency: factsOf('commands').latency!,
  memory: factsOf('memory').memoryUsed!,
  clients: factsOf('clients').clients!,
} as const satisfies Record<string, Fact>
const NAMES = Object.keys(MEASURES) as (keyof typeof MEASURES)[]
const ROLES = ['primary', 'replica'] as const

/** Which node is not like its peers? Each is compared with the median of its role. */
export function Outliers({ topology: { cluster, shards } }: { readonly topology: Topology }) {
  const styles = useStyles2(getStyles)
  const { data, error } = useFacts(cluster, MEASURES)
  if (error) return <PrometheusTrouble error={error} missing="Figures of the nodes" brief />
  if (!data) return <LoadingPlaceholder text="Comparing the nodes…" />
  // A node that is gone has rates for minutes, of when it was there.
  const nodes = shards.flatMap((shard) => shard.nodes).filter((node) => !isGone(node))
  const found = ROLES.flatMap((role) => {
    const instances = new Set(nodes.filter((node) => node.role === role).map(({ instance }) => instance))
    return NAMES.flatMap((name) =>
      outliers(
        data[name]
          .map(({ labels, value }) => ({ instance: labels.instance ?? '', value }))
          .filter(({ instance }) => instances.has(instance)),
        MEASURES[name].least!,
      ).map((outlier) => ({ role, name, ...outlier })),
    )
  })
  if (NAMES.every((name) => data[name].length === 0))
    return <p>Prometheus has no figures of this cluster in the last minutes.</p>
  if (found.length === 0)
    return (
      <p>
        <Icon name="check-circle" size="sm" aria-hidden /> No node stands out from its peers in commands, time
        a command, memory or clients.
      </p>
    )
  return (
    <ul className={styles.list} aria-label="Nodes unlike their peers">
      {found.map(({ role, name, instance, value, median, times }) => (
        <li key={`${name} ${instance}`} className={styles.item}>
          <Icon name={times > 1 ? 'arrow-up' : 'arrow-down'} size="sm" aria-hidden />{' '}
          <strong>
            {role} <TextLink href={paths.node(cluster, instance)}>{instance}</TextLink>
          </strong>
          : {MEASURES[name].label.toLowerCase()} {MEASURES[name].say(value)}, the median of its role is{' '}
          {MEASURES[name].say(median)}
        </li>
      ))}
    </ul>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: theme.spacing(0.5) }),
  item: css({ borderLeft: `3px solid ${theme.colors.warning.main}`, padding: theme.spacing(0.25, 1.5) }),
})
