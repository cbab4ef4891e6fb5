import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { useState, type ReactNode } from 'react'
import { useLocation } from 'react-router-dom-v5-compat'
import { HEADER_HEIGHT } from './Header'

interface Props {
  header: (onToggleNav: () => void) => ReactNode
  nav: ReactNode
  children: ReactNode
}

/** Header above, navigation beside the page; on a narrow screen the navigation opens over it. */
export function Layout({ header, nav, children }: Props) {
  const styles = useStyles2(getStyles)
  const { pathname } = useLocation()
  const [openAt, setOpenAt] = useState<string>()
  const open = openAt === pathname
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#pageContent">
        Skip to main content
      </a>
      <div className={styles.header}>{header(() => setOpenAt(open ? undefined : pathname))}</div>
      <div className={`${styles.nav} ${open ? styles.navOpen : ''}`}>{nav}</div>
      <main className={styles.page} id="pageContent">
        {children}
      </main>
    </div>
  )
}

const NAV_WIDTH = 248

function getStyles(theme: GrafanaTheme2) {
  const wide = theme.breakpoints.up('lg')
  return {
    frame: css({ display: 'flex', flexDirection: 'column', minHeight: '100vh' }),
    skip: css({
      position: 'absolute',
      top: -100,
      ':focus': { top: 0, zIndex: theme.zIndex.portal, background: theme.colors.background.primary },
    }),
    header: css({
      position: 'fixed',
      inset: '0 0 auto 0',
      height: HEADER_HEIGHT,
      zIndex: theme.zIndex.navbarFixed,
      background: theme.colors.background.primary,
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    }),
    nav: css({
      position: 'fixed',
      display: 'none',
      inset: `${HEADER_HEIGHT}px auto 0 0`,
      width: NAV_WIDTH,
      overflowY: 'auto',
      zIndex: theme.zIndex.sidemenu,
      background: theme.colors.background.primary,
      borderRight: `1px solid ${theme.colors.border.weak}`,
      [wide]: { display: 'block' },
    }),
    navOpen: css({ display: 'block', boxShadow: theme.shadows.z3 }),
    page: css({
      display: 'flex',
      flexDirection: 'column',
      flexGrow: 1,
      minWidth: 0,
      marginTop: HEADER_HEIGHT,
      background: theme.colors.background.primary,
      [wide]: { marginLeft: NAV_WIDTH },
    }),
  }
}
