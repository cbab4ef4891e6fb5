import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { cut, visible } from './keyText'
import { count } from './text'

/** A key's name as plain text, whatever is in it; a long one is cut and shown whole when asked for. */
export function KeyName({ name }: { readonly name: string }) {
  const styles = useStyles2(getStyles)
  const [open, setOpen] = useState(false)
  if (name === '') return <em>(empty name)</em>
  const shown = cut(visible(name))
  return (
    <>
      <bdi className={styles.name}>{open ? visible(name) : shown.text}</bdi>
      {!shown.whole && (
        <button
          type="button"
          className={styles.more}
          aria-expanded={open}
          onClick={() => setOpen((before) => !before)}
        >
          {open ? 'show less' : `show all ${count(Array.from(name).length)} characters`}
        </button>
      )}
    </>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  name: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
  more: css({
    marginLeft: theme.spacing(1),
    padding: 0,
    border: 0,
    background: 'none',
    color: theme.colors.text.link,
    fontSize: theme.typography.bodySmall.fontSize,
    '&:hover': { textDecoration: 'underline' },
  }),
})
