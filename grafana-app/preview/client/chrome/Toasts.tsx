import { css } from '@emotion/css'
import { AppEvents, type GrafanaTheme2 } from '@grafana/data'
import { getAppEvents } from '@grafana/runtime'
import { Alert, useStyles2, type AlertVariant } from '@grafana/ui'
import { useEffect, useState } from 'react'

interface Toast {
  id: number
  severity: AlertVariant
  title: string
  text?: string
}

const SHOWN_MS = { success: 3000, info: 3000, warning: 5000, error: 7000 }

const KINDS = [
  [AppEvents.alertSuccess, 'success'],
  [AppEvents.alertInfo, 'info'],
  [AppEvents.alertWarning, 'warning'],
  [AppEvents.alertError, 'error'],
] as const

let last = 0

/** What plugins announce by AppEvents, top right, as Grafana shows it. */
export function Toasts() {
  const styles = useStyles2(getStyles)
  const [toasts, setToasts] = useState<Toast[]>([])
  const remove = (id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id))
  useEffect(() => {
    const subscriptions = KINDS.map(([event, severity]) =>
      getAppEvents().subscribe({ type: event.name } as never, ({ payload }) => {
        const [title, text] = [payload].flat() as (string | undefined)[]
        const id = ++last
        setToasts((shown) => [...shown, { id, severity, title: String(title), ...(text && { text }) }])
        setTimeout(() => remove(id), SHOWN_MS[severity])
      }),
    )
    return () => subscriptions.forEach((subscription) => subscription.unsubscribe())
  }, [])
  return (
    <div className={styles.toasts}>
      {toasts.map(({ id, severity, title, text }) => (
        <Alert key={id} severity={severity} title={title} elevated onRemove={() => remove(id)}>
          {text}
        </Alert>
      ))}
    </div>
  )
}

function getStyles(theme: GrafanaTheme2) {
  return {
    toasts: css({
      position: 'fixed',
      top: theme.spacing(6),
      right: theme.spacing(2),
      width: 400,
      maxWidth: `calc(100vw - ${theme.spacing(4)})`,
      zIndex: theme.zIndex.portal,
    }),
  }
}
