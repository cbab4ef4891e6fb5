import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { useId, type ReactNode } from 'react'

interface Props {
  readonly title: string
  /** Beside the title, at the right where there is room. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page under its heading. */
export function Section({ title, actions, children }: Props) {
  const styles = useStyles2(getStyles)
  const heading = useId()
  return (
    <section aria-labelledby={heading} className={styles.section}>
      <div className={styles.head}>
        <h2 id={heading} className={styles.title}>
          {title}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ marginBottom: theme.spacing(4), minWidth: 0 }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(1),
  }),
  title: css({ ...theme.typography.h4, margin: 0 }),
})
