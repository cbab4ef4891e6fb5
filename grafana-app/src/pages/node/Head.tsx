import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { TextLink, useStyles2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import { Figures } from '../../components/Figure'
import { Time } from '../../components/Time'
import { LinkBadge, NodeStateBadge } from '../../features/topology/NodeBadges'
import { primaryFirst, roleText, type Placed } from '../../features/topology/nodes'
import { slotText } from '../../features/topology/slots'
import { bytes } from '../../features/operations/text'

interface Props {
  readonly cluster: string
  readonly own: Placed
  readonly readAt: string
}

/** Who it is: role, shard, the other nodes of its shard. */
export function Head({ cluster, own: { node, shard, number }, readAt }: Props) {
  const styles = useStyles2(getStyles)
  const { instance, address, id, role, link, lag, zone } = node
  const named = roleText(node, shard)
  const others = shard.nodes.filter((one) => one.id !== id).toSorted(primaryFirst)
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>
        {named.charAt(0).toUpperCase() + named.slice(1)} {instance}
      </h2>
      <Figures
        items={[
          {
            label: 'State',
            children: <NodeStateBadge node={node} />,
            hint: (
              <>
                read <Time at={readAt} short />
              </>
            ),
          },
          {
            label: 'Shard',
            children: (
              <TextLink href={paths.shard(cluster, shard.id)} inline={false}>{`Shard ${number}`}</TextLink>
            ),
            hint: slotText(shard.slots),
          },
          {
            label: 'With it in the shard',
            children:
              others.length === 0
                ? 'no other node'
                : others.map((other) => (
                    <div key={other.id}>
                      <TextLink href={paths.node(cluster, other.instance)} inline={false}>
                        {`${roleText(other, shard)} ${other.instance}`}
                      </TextLink>
                    </div>
                  )),
          },
          ...(role === 'replica'
            ? [
                {
                  label: 'Link to its primary',
                  children: <LinkBadge link={link} />,
                  hint: lag === undefined ? undefined : `${bytes(lag)} behind`,
                },
              ]
            : []),
          ...(zone === undefined ? [] : [{ label: 'Zone', children: zone }]),
          {
            label: 'Node id',
            children: <code title={id}>{id.slice(0, 8)}</code>,
            hint: address === instance ? undefined : address,
          },
        ]}
      />
    </header>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  head: css({ marginBottom: theme.spacing(2) }),
  title: css({ ...theme.typography.h3, marginBottom: theme.spacing(1), overflowWrap: 'anywhere' }),
})
