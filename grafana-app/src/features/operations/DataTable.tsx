import { css, cx } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2 } from '@grafana/ui'
import type { ReactNode } from 'react'

export interface Column<Row> {
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the right, so that their digits line up. */
  readonly numeric?: boolean
  /** What rows are ordered by where the column can be chosen for that; undefined: not known, always last. */
  readonly value?: (row: Row) => string | number | undefined
}

/** By which column rows are ordered, and how that is changed; where that stands is the page's business. */
export interface Sort {
  /** Header of the column; empty: as they are given. */
  readonly by: string
  readonly descending: boolean
  readonly change: (by: string, descending: boolean) => void
}

interface Props<Row> {
  /** What it shows, for those who hear it. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row, index: number) => string
  /** Rows after these are scrolled to. */
  readonly maxHeight?: number
  /** Lets columns that have a value be chosen for the order. */
  readonly sort?: Sort
  /** Many columns stand closer together. */
  readonly dense?: boolean
}

/** The rows in the order that was chosen; of equal ones the first comes first. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { by, descending }: Pick<Sort, 'by' | 'descending'>,
): readonly Row[] {
  const value = columns.find(({ header }) => header === by)?.value
  if (!value) return rows
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)]
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b), undefined, { numeric: true })
  })
}

/** A plain table that scrolls inside itself, so that a narrow page or a small panel stays whole. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  maxHeight = 420,
  sort,
  dense = false,
}: Props<Row>) {
  const styles = useStyles2(getStyles)
  const shown = sort ? sorted(rows, columns, sort) : rows
  return (
    // What scrolls must take the keyboard's focus, else it can't be scrolled without a mouse.
    <div className={styles.scroll} style={{ maxHeight }} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table} data-dense={dense} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ header, numeric, value }) => (
              <th
                key={header}
                scope="col"
                className={cx(numeric && styles.numeric)}
                aria-sort={sort?.by === header ? (sort.descending ? 'descending' : 'ascending') : undefined}
              >
                {sort && value ? <SortButton header={header} numeric={numeric} sort={sort} /> : header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={rowKey(row, index)}>
              {columns.map(({ header, cell, numeric }) => (
                <td key={header} className={cx(numeric && styles.numeric)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Numbers are asked for the largest first, names from A. */
function SortButton({
  header,
  numeric = false,
  sort,
}: {
  header: string
  numeric?: boolean | undefined
  sort: Sort
}) {
  const styles = useStyles2(getStyles)
  const chosen = sort.by === header
  const arrow = chosen && <Icon name={sort.descending ? 'arrow-down' : 'arrow-up'} size="sm" aria-hidden />
  return (
    <button
      type="button"
      className={styles.sort}
      onClick={() => sort.change(header, chosen ? !sort.descending : numeric)}
    >
      {/* Beside the values that it orders: at the side where they begin. */}
      {numeric && arrow}
      {header}
      {!numeric && arrow}
    </button>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({
    overflow: 'auto',
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    'th, td': {
      padding: theme.spacing(0.75, 1.5),
      textAlign: 'left',
      verticalAlign: 'top',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    '&[data-dense=true] :is(th, td)': { paddingLeft: theme.spacing(1), paddingRight: theme.spacing(1) },
    'tr:last-child td': { borderBottom: 0 },
    th: {
      position: 'sticky',
      top: 0,
      zIndex: 1,
      background: theme.colors.background.secondary,
      color: theme.colors.text.secondary,
      fontWeight: theme.typography.fontWeightMedium,
      whiteSpace: 'nowrap',
    },
    'tbody tr:hover': { background: theme.colors.action.hover },
  }),
  sort: css({
    padding: 0,
    border: 0,
    background: 'none',
    color: 'inherit',
    font: 'inherit',
    whiteSpace: 'nowrap',
    '&:hover': { textDecoration: 'underline' },
  }),
  numeric: css({
    'th&, td&': { textAlign: 'right', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' },
  }),
})
