import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'

export type Figure = readonly [label: string, value: string]

/** A few figures side by side, each under what it counts. */
export function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  const styles = useStyles2(getStyles)
  return (
    <dl className={styles.list}>
      {figures.map(([label, value]) => (
        <div key={label} className={styles.figure}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 4), margin: 0 }),
  figure: css({
    dt: {
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
    },
    dd: {
      margin: 0,
      fontSize: theme.typography.h4.fontSize,
      fontVariantNumeric: 'tabular-nums',
    },
  }),
})
