import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { useEffect, useId, useRef, type ReactNode } from 'react'

interface Props {
  readonly title: string
  /** So that a link leads to it: `alerts` for `#alerts`. */
  readonly id?: string
  /** Beside the title, at the right where there is room. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page under its heading. */
export function Section({ title, id, actions, children }: Props) {
  const styles = useStyles2(getStyles)
  const heading = useId()
  const section = useRef<HTMLElement>(null)
  // It is often not there yet when the browser looks for it.
  useEffect(() => {
    if (id !== undefined && location.hash === `#${id}`) section.current?.scrollIntoView()
  }, [id])
  return (
    <section ref={section} id={id} aria-labelledby={heading} className={styles.section}>
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
  section: css({ marginBottom: theme.spacing(4), minWidth: 0, scrollMarginTop: theme.spacing(12) }),
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
