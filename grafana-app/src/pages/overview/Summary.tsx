import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Alert, TextLink, useStyles2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { ClusterSummary } from '../../api/contract'
import { Figures } from '../../components/Figure'
import { Time } from '../../components/Time'
import { useNow } from '../../components/useNow'
import { bytes, count, counted, percent } from '../../features/operations/text'
import { SLOTS, STATE_TEXT } from '../../features/topology/verdicts'
import { VerdictBadge } from '../../features/topology/VerdictBadge'

/** A reading older than this is no longer the present: nodes are read every few seconds. */
const STALE_MS = 60_000

interface Props {
  readonly summary: ClusterSummary
  /** When the topology was last read. */
  readonly readAt: string | undefined
}

export function Summary({ summary, readAt }: Props) {
  const styles = useStyles2(getStyles)
  const now = useNow()
  const { verdict, state, slotsCovered, shards, primaries, replicas, epoch, memory, operations } = summary
  const stale = readAt !== undefined && now - Date.parse(readAt) > STALE_MS
  return (
    <div className={styles.box} aria-live="polite">
      {stale && (
        <Alert severity="warning" role="status" title="Stale: the cluster was not read lately">
          Last read <Time at={readAt} />. What follows was so then.
        </Alert>
      )}
      <p className={styles.answer}>{serving(summary)}</p>
      <Figures
        items={[
          { label: 'Verdict', children: <VerdictBadge verdict={verdict} />, hint: STATE_TEXT[state] },
          { label: 'Slots covered', children: `${count(slotsCovered)} of ${count(SLOTS)}` },
          {
            label: 'Shards',
            children: count(shards),
            hint: `${counted(primaries, 'primary', 'primaries')}, ${counted(replicas, 'replica')}`,
          },
          {
            label: 'Memory of the primaries',
            children: bytes(memory.usedBytes),
            hint:
              memory.maxBytes > 0
                ? `${percent(memory.usedBytes / memory.maxBytes)} of ${bytes(memory.maxBytes)}`
                : 'no limit set',
          },
          { label: 'Epoch', children: String(epoch) },
          ...(readAt === undefined ? [] : [{ label: 'Read', children: <Time at={readAt} short /> }]),
          ...(operations.length === 0
            ? []
            : [
                {
                  label: 'Open operations',
                  children: operations.map(({ id, kind, state: now }) => (
                    <div key={id}>
                      <TextLink href={paths.operation(id)} inline={false}>{`${kind}, ${now}`}</TextLink>
                    </div>
                  )),
                },
              ]),
        ]}
      />
    </div>
  )
}

/** The answer to what the page is asked first. */
function serving({ state, slotsCovered, verdict }: ClusterSummary): string {
  const lost = SLOTS - slotsCovered
  switch (state) {
    case 'unknown':
      return 'Not known: no node was read.'
    case 'fail':
      return lost > 0
        ? `No: ${counted(lost, 'slot')} ${lost === 1 ? 'has' : 'have'} no owner that works.`
        : 'No: a node finds the cluster down and refuses its clients, though every slot has an owner.'
    case 'ok':
      if (lost > 0)
        return `In part: ${counted(lost, 'slot')} ${lost === 1 ? 'has' : 'have'} no owner that works.`
      return `Yes: every slot is served.${verdict === 'unhealthy' ? ' What is not well stands below.' : ''}`
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({ marginBottom: theme.spacing(2) }),
  answer: css({ ...theme.typography.h5, marginBottom: theme.spacing(1) }),
})
