import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, Icon, useStyles2, type ButtonProps } from '@grafana/ui'
import { useId } from 'react'

interface Props extends Omit<ButtonProps, 'tooltip'> {
  /** Why it can't be used now; empty when it can. Shown as text beside the button and read with it. */
  readonly forbidden: string
  readonly pending?: boolean
  /** What is to be done before it can be used; empty when nothing is. Said as `forbidden` is, which comes first. */
  readonly missing?: string
}

/** A button that says why it is disabled: a tooltip alone is neither read out nor seen on a phone. */
export function ActionButton({ forbidden, pending = false, missing = '', children, icon, ...button }: Props) {
  const styles = useStyles2(getStyles)
  const reason = useId()
  const said = forbidden === '' ? missing : forbidden
  return (
    <span className={styles.pair}>
      <Button
        {...button}
        className={styles.button}
        icon={pending ? 'spinner' : icon}
        disabled={button.disabled === true || pending || said !== ''}
        aria-describedby={said === '' ? button['aria-describedby'] : reason}
      >
        {children}
      </Button>
      {forbidden !== '' && <Forbidden id={reason} reason={forbidden} />}
      {forbidden === '' && missing !== '' && (
        <span id={reason} className={styles.reason}>
          {missing}
        </span>
      )}
    </span>
  )
}

/** Why something can't be done, for the buttons that name `id` in aria-describedby. */
export function Forbidden({ id, reason }: { readonly id: string | undefined; readonly reason: string }) {
  const styles = useStyles2(getStyles)
  return (
    <span id={id} className={styles.reason}>
      <Icon name="lock" size="sm" aria-hidden /> {reason}
    </span>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  // What it does may be long, a phone narrow.
  button: css({
    height: 'auto',
    minHeight: theme.spacing(theme.components.height.md),
    maxWidth: '100%',
    textAlign: 'left',
    whiteSpace: 'normal',
    '& > span': { whiteSpace: 'normal', lineHeight: theme.typography.body.lineHeight },
  }),
  pair: css({ display: 'inline-flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  reason: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
