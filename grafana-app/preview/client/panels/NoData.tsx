import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import type { PanelDataErrorViewProps } from '@grafana/runtime'
import { useStyles2 } from '@grafana/ui'

/** What a panel shows instead of a picture; an error stands in the panel's header. */
export function NoData({ message, data, fieldConfig }: PanelDataErrorViewProps) {
  const styles = useStyles2(getStyles)
  const text = data.errors?.length
    ? 'No data: the query failed'
    : (fieldConfig?.defaults.noValue ?? 'No data')
  return <div className={styles.text}>{message ?? text}</div>
}

function getStyles(theme: GrafanaTheme2) {
  return {
    text: css({
      display: 'grid',
      placeItems: 'center',
      width: '100%',
      height: '100%',
      color: theme.colors.text.secondary,
    }),
  }
}
