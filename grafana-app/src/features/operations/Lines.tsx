import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import type { ReactNode } from 'react'

interface Props {
  readonly label?: string
  readonly lines: readonly ReactNode[]
}

/** A few sentences, one below the other; Grafana's own lists have no marks. */
export function Lines({ label, lines }: Props) {
  const styles = useStyles2(getStyles)
  return (
    <ul className={styles.list} aria-label={label}>
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ul>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'disc',
    margin: 0,
    paddingLeft: theme.spacing(2.5),
    overflowWrap: 'anywhere',
    '& > li': { listStyle: 'disc' },
  }),
})
