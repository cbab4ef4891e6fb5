import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, InteractiveTable, TextLink, useStyles2, type CellProps, type Column } from '@grafana/ui'
import { useMemo } from 'react'
import { paths } from '../../app/paths'
import { isOver, type Operation } from '../../api/contract'
import { Time } from '../../components/Time'
import { useNow } from '../../components/useNow'
import { nameActor } from '../../features/events/sentences'
import { Meter } from '../../features/operations/Meter'
import { STATES } from '../../features/operations/states'
import { count, duration } from '../../features/operations/text'

type Cell = CellProps<Operation>

const COLUMNS: Column<Operation>[] = [
  {
    id: 'state',
    header: 'State',
    sortType: 'string',
    cell: ({ row: { original } }: Cell) => {
      const { text, color } = STATES[original.state]
      return <Badge text={text} color={color} />
    },
  },
  {
    id: 'kind',
    header: 'Operation',
    sortType: 'string',
    cell: ({ row: { original } }: Cell) => (
      <TextLink href={paths.operation(original.id)} inline={false}>
        {`${original.kind} of ${original.cluster}`}
      </TextLink>
    ),
  },
  {
    id: 'by',
    header: 'Who and why',
    cell: ({ row: { original } }: Cell) => <Who operation={original} />,
  },
  {
    id: 'startedAt',
    header: 'Started',
    sortType: 'string',
    cell: ({ row: { original } }: Cell) => (
      <div style={{ minWidth: 160 }}>
        <Time at={original.startedAt} />
      </div>
    ),
  },
  {
    id: 'duration',
    header: 'Took',
    sortType: (a, b) => tookMs(a.original) - tookMs(b.original),
    cell: ({ row: { original } }: Cell) => <Took operation={original} />,
  },
  {
    id: 'progress',
    header: 'Progress',
    cell: ({ row: { original } }: Cell) => <Progress operation={original} />,
  },
]

const tookMs = ({ startedAt, endedAt }: Operation, now = Date.now()) =>
  (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt)

/** Operations, newest first unless sorted otherwise. */
export function OperationsTable({ operations }: { readonly operations: Operation[] }) {
  const styles = useStyles2(getStyles)
  const initialSortBy = useMemo(() => [{ id: 'startedAt', desc: true }], [])
  return (
    // What scrolls must take the keyboard's focus.
    <div className={styles.scroll} role="region" aria-label="Operations" tabIndex={0}>
      <InteractiveTable
        columns={COLUMNS}
        data={operations}
        getRowId={({ id }) => id}
        initialSortBy={initialSortBy}
        pageSize={50}
        autoResetPage={false}
      />
    </div>
  )
}

function Who({ operation: { by, reason } }: { readonly operation: Operation }) {
  const styles = useStyles2(getStyles)
  return (
    <div className={styles.who}>
      {nameActor(by)}
      {reason !== '' && <div className={styles.reason}>{reason}</div>}
    </div>
  )
}

function Took({ operation }: { readonly operation: Operation }) {
  const now = useNow()
  const said = duration(tookMs(operation, now) / 1000)
  return isOver(operation.state) ? said : `${said} so far`
}

function Progress({ operation: { state, progress, summary } }: { readonly operation: Operation }) {
  if (isOver(state) && progress.done >= progress.total) return <div style={{ minWidth: 240 }}>{summary}</div>
  const { done, total } = progress
  return (
    <div style={{ minWidth: 240 }}>
      <Meter
        progress
        label="Done"
        share={total > 0 ? done / total : 0}
        text={`${count(done)} of ${count(total)}`}
      />
      {isOver(state) && summary}
    </div>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflowX: 'auto' }),
  who: css({ minWidth: theme.spacing(20), maxWidth: theme.spacing(50), overflowWrap: 'anywhere' }),
  reason: css({ color: theme.colors.text.secondary }),
})
