import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, Icon, TextLink, useStyles2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import { age } from '../../components/age'
import { Figures } from '../../components/Figure'
import { Meter, type Tone } from '../../features/operations/Meter'
import { bytes, count, counted, percent } from '../../features/operations/text'
import { SLOTS, STATE_TEXT } from '../../features/topology/verdicts'
import { VerdictBadge } from '../../features/topology/VerdictBadge'
import { memoryShare, type Tile } from './sort'

/** Older samples than this are no news any more. */
const STALE_MS = 60_000

/** A cluster at a glance; its name leads to its page. */
export function ClusterTile({ tile }: { readonly tile: Tile }) {
  const styles = useStyles2(getStyles)
  const { name, verdict, state, slotsCovered, shards, primaries, replicas, operations } = tile
  return (
    <article className={styles.tile} data-verdict={verdict} aria-label={name}>
      <header className={styles.head}>
        <h2 className={styles.name}>
          <TextLink href={paths.cluster(name)} inline={false} variant="h4" color="primary">
            {name}
          </TextLink>
        </h2>
        <VerdictBadge verdict={verdict} />
      </header>
      <Figures
        items={[
          {
            label: 'Slots covered',
            children: (
              <>
                {slotsCovered < SLOTS && <Icon name="exclamation-triangle" size="sm" aria-hidden />}{' '}
                {count(slotsCovered)} of {count(SLOTS)}
              </>
            ),
            hint: STATE_TEXT[state],
          },
          {
            label: 'Shards',
            children: count(shards),
            hint: `${counted(primaries, 'primary', 'primaries')}, ${counted(replicas, 'replica')}`,
          },
          {
            label: 'Keys',
            children: tile.keys === undefined ? 'not known' : count(tile.keys),
            hint: tile.keys === undefined ? undefined : hits(tile.hitRatio),
          },
        ]}
      />
      {tile.cold !== undefined && (
        <div>
          <Badge text={tile.cold} color="blue" icon="arrow-down" />
        </div>
      )}
      <Memory tile={tile} />
      <Figures
        items={[
          { label: 'Firing alerts', children: <Alerts tile={tile} /> },
          { label: 'Last scrape', children: <Scrape tile={tile} /> },
          { label: 'Changes in 24 h', children: <Changes tile={tile} /> },
          {
            label: 'Open operations',
            children:
              operations.length === 0
                ? 'none'
                : operations.map(({ id, kind, state: now }) => (
                    <div key={id}>
                      <TextLink href={paths.operation(id)} inline={false}>{`${kind}, ${now}`}</TextLink>
                    </div>
                  )),
          },
        ]}
      />
    </article>
  )
}

function hits(ratio: number | undefined): string {
  return ratio === undefined ? 'no lookups' : `${percent(ratio)} hits`
}

function toneOf(share: number): Tone {
  if (share > 0.9) return 'bad'
  return share > 0.75 ? 'warning' : 'good'
}

function Memory({ tile }: { readonly tile: Tile }) {
  const { usedBytes, maxBytes } = tile.memory
  const share = memoryShare(tile)
  return (
    <Meter
      label="Memory of the primaries"
      share={share}
      tone={toneOf(share)}
      text={
        maxBytes > 0
          ? `${bytes(usedBytes)} of ${bytes(maxBytes)} memory (${percent(share)})`
          : `${bytes(usedBytes)} memory, no limit set`
      }
    />
  )
}

function Alerts({ tile: { name, alerts } }: { readonly tile: Tile }) {
  if (alerts === undefined) return 'not known'
  if (alerts === 0) return 'none'
  return (
    <TextLink href={`${paths.cluster(name)}#alerts`} icon="bell" inline={false}>
      {count(alerts)}
    </TextLink>
  )
}

function Scrape({ tile: { scrapeAgeMs } }: { readonly tile: Tile }) {
  if (scrapeAgeMs === undefined) return 'not known'
  if (scrapeAgeMs < STALE_MS) return `${age(scrapeAgeMs)} ago`
  return (
    <>
      <Icon name="exclamation-triangle" size="sm" aria-hidden /> stale: {age(scrapeAgeMs)} ago
    </>
  )
}

function Changes({ tile: { name, changes, changesAtLeast } }: { readonly tile: Tile }) {
  if (changes === undefined) return 'not known'
  return (
    <TextLink href={`${paths.cluster(name, 'events')}?since=24h`} inline={false}>
      {changesAtLeast ? `${count(changes)} or more` : count(changes)}
    </TextLink>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  tile: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1.5),
    minWidth: 0,
    padding: theme.spacing(2),
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderLeft: `4px solid ${theme.colors.success.main}`,
    borderRadius: theme.shape.radius.default,
    '&[data-verdict=unhealthy]': { borderLeftColor: theme.colors.error.main },
    '&[data-verdict=unknown]': { borderLeftColor: theme.colors.warning.main },
  }),
  head: css({
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(1),
  }),
  name: css({ margin: 0, fontSize: 'inherit', overflowWrap: 'anywhere' }),
})
