import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { ClipboardButton, useStyles2 } from '@grafana/ui'

interface Props {
  /** What it is, for those who hear it: `Command for a read token`. */
  readonly label: string
  readonly text: string
}

/** Text to be copied: commands, files. */
export function CopyText({ label, text }: Props) {
  const styles = useStyles2(getStyles)
  return (
    <div className={styles.block}>
      {/* What scrolls must take the keyboard's focus. */}
      <pre className={styles.text} tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <ClipboardButton
        icon="copy"
        size="sm"
        variant="secondary"
        getText={() => text}
        aria-label={`Copy: ${label}`}
      >
        Copy
      </ClipboardButton>
    </div>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  block: css({
    display: 'flex',
    alignItems: 'start',
    gap: theme.spacing(1),
    maxWidth: theme.spacing(110),
    textAlign: 'left',
  }),
  text: css({ flex: 1, minWidth: 0, margin: 0, overflow: 'auto', whiteSpace: 'pre' }),
})
