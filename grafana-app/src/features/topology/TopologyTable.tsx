import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, Icon, TextLink, useStyles2 } from '@grafana/ui'
import { Fragment } from 'react'
import { paths } from '../../app/paths'
import type { Topology, TopologyNode } from '../../api/contract'
import { bytes } from '../operations/text'
import { isGone, withoutName } from './causes'
import { LinkBadge, NodeStateBadge } from './NodeBadges'
import { isServed, primaryFirst, roleText } from './nodes'
import { slotText } from './slots'

/** Every shard with its nodes: who serves which slots, who follows whom, how far behind, and what is wrong. */
export function TopologyTable({ topology: { cluster, shards, views } }: { readonly topology: Topology }) {
  const styles = useStyles2(getStyles)
  const zones = shards.some(({ nodes }) => nodes.some(({ zone }) => zone !== undefined))
  return (
    <>
      {views.opinions > 1 && (
        <p>
          <Icon name="exclamation-triangle" size="sm" aria-hidden /> The nodes disagree: {views.opinions}{' '}
          opinions among {views.read} views. The majority’s is shown.
        </p>
      )}
      {/* What scrolls must take the keyboard's focus. */}
      <div className={styles.scroll} role="region" aria-label="Table of shards and nodes" tabIndex={0}>
        <table className={styles.table} aria-label={`Shards and nodes of ${cluster}`}>
          <thead>
            <tr>
              {['Node', 'Role', 'State', 'Link to primary', 'Lag', ...(zones ? ['Zone'] : [])].map(
                (header) => (
                  <th key={header} scope="col">
                    {header}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {worstFirst(shards).map(({ shard: { id, slots, nodes }, number }) => (
              <Fragment key={id}>
                <tr className={styles.shard}>
                  <th colSpan={zones ? 6 : 5} scope="colgroup">
                    <TextLink href={paths.shard(cluster, id)} color="primary">{`Shard ${number}`}</TextLink>{' '}
                    <span className={styles.faint}>{id.slice(0, 8)}</span> · {slotText(slots)}
                    {slots.length > 0 && !isServed({ nodes }) && (
                      <>
                        {' '}
                        <Badge color="red" icon="exclamation-circle" text="Not served" />
                      </>
                    )}
                    {!nodes.some((node) => node.role === 'replica' && !isGone(node)) && slots.length > 0 && (
                      <>
                        {' '}
                        <Badge color="orange" icon="exclamation-triangle" text="No replica" />
                      </>
                    )}
                  </th>
                </tr>
                {nodes.toSorted(primaryFirst).map((node) => (
                  <Row
                    key={node.id}
                    cluster={cluster}
                    node={node}
                    role={roleText(node, { nodes })}
                    zones={zones}
                  />
                ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** Shards with their numbers, those in trouble first: of a hundred only some are seen at once. */
function worstFirst(shards: Topology['shards']) {
  const hurts = ({ slots, nodes }: Topology['shards'][number]) =>
    nodes.some((node) => isGone(node) || node.link === 'down') || (slots.length > 0 && !isServed({ nodes }))
  return shards
    .map((shard, index) => ({ shard, number: index + 1 }))
    .toSorted((a, b) => Number(hurts(b.shard)) - Number(hurts(a.shard)))
}

interface RowProps {
  readonly cluster: string
  readonly node: TopologyNode
  /** In words. */
  readonly role: string
  readonly zones: boolean
}

function Row({ cluster, node, role, zones }: RowProps) {
  const styles = useStyles2(getStyles)
  const { instance, address, link, lag, zone, error } = node
  return (
    <tr>
      <td className={styles.name}>
        <TextLink href={paths.node(cluster, instance)} inline={false}>
          {instance}
        </TextLink>
        {address !== instance && <span className={styles.faint}> {address}</span>}
      </td>
      <td>{role}</td>
      <td>
        <NodeStateBadge node={node} />
        {error !== undefined && <div className={styles.error}>{withoutName(error, instance)}</div>}
      </td>
      <td>{node.role === 'replica' ? <LinkBadge link={link} /> : '–'}</td>
      <td className={styles.number}>{lag === undefined ? '–' : bytes(lag)}</td>
      {zones && <td>{zone ?? '–'}</td>}
    </tr>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflow: 'auto', maxHeight: 640, border: `1px solid ${theme.colors.border.weak}` }),
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    'th, td': {
      padding: theme.spacing(0.75, 1.5),
      textAlign: 'left',
      verticalAlign: 'top',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    'thead th': {
      position: 'sticky',
      top: 0,
      zIndex: 1,
      color: theme.colors.text.secondary,
      background: theme.colors.background.secondary,
    },
    'tbody tr:hover td': { background: theme.colors.action.hover },
  }),
  shard: css({
    th: { fontWeight: theme.typography.fontWeightMedium, background: theme.colors.background.canvas },
  }),
  name: css({ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }),
  number: css({ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }),
  faint: css({ color: theme.colors.text.secondary, fontWeight: 'normal' }),
  error: css({
    color: theme.colors.error.text,
    minWidth: theme.spacing(30),
    maxWidth: theme.spacing(60),
    overflowWrap: 'anywhere',
  }),
})
