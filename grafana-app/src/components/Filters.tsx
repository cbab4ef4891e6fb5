import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import type { ReactNode } from 'react'

/** A row of what narrows a list, above it; it wraps where there is no room. */
export function Filters({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const styles = useStyles2(getStyles)
  return (
    <div className={styles.filters} role="search" aria-label={label}>
      {children}
    </div>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  filters: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1, 2),
    marginBottom: theme.spacing(2),
  }),
})
