import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import type { ReactNode } from 'react'

export interface FigureProps {
  readonly label: string
  readonly children: ReactNode
  /** Below the value. */
  readonly hint?: ReactNode
}

/** Figures side by side, each with its name; they wrap where it is narrow. */
export function Figures({ items }: { readonly items: readonly FigureProps[] }) {
  const styles = useStyles2(getStyles)
  return (
    <dl className={styles.list}>
      {items.map(({ label, children, hint }) => (
        <div key={label} className={styles.item}>
          <dt className={styles.label}>{label}</dt>
          <dd className={styles.value}>
            {children}
            {hint !== undefined && <div className={styles.hint}>{hint}</div>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1.5, 4), margin: 0 }),
  item: css({ minWidth: 0 }),
  label: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, fontWeight: 'normal' }),
  value: css({ margin: 0, fontVariantNumeric: 'tabular-nums' }),
  hint: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
})
