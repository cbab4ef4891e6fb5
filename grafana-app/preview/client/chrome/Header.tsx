import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, Icon, IconButton, useStyles2, useTheme2 } from '@grafana/ui'
import { keepTheme } from '../bootData'
import { Breadcrumbs } from './Breadcrumbs'
import { UserMenu } from './UserMenu'

export const HEADER_HEIGHT = 40

export function Header({ onToggleNav }: { onToggleNav: () => void }) {
  const styles = useStyles2(getStyles)
  const { isDark } = useTheme2()
  const other = isDark ? 'light' : 'dark'
  const switchTheme = () => {
    keepTheme(other)
    const url = new URL(location.href)
    url.searchParams.delete('theme')
    location.replace(url)
  }
  return (
    <header className={styles.header}>
      <span className={styles.toggle}>
        <IconButton name="bars" size="lg" aria-label="Toggle menu" onClick={onToggleNav} />
      </span>
      <a href="/" aria-label="Home" className={styles.home}>
        <Icon name="home-alt" size="lg" />
      </a>
      <Breadcrumbs />
      <span className={styles.right}>
        <span className={styles.badge}>
          <Badge
            text="Preview host"
            color="blue"
            tooltip="Shows the plugin without Grafana: its own access control, alerting and signing are not here."
          />
        </span>
        <IconButton
          name="adjust-circle"
          size="lg"
          tooltip={`Switch to the ${other} theme`}
          aria-label={`Switch to the ${other} theme`}
          onClick={switchTheme}
        />
        <UserMenu />
      </span>
    </header>
  )
}

function getStyles(theme: GrafanaTheme2) {
  return {
    header: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      height: '100%',
      padding: theme.spacing(0, 1, 0, 2),
    }),
    toggle: css({ [theme.breakpoints.up('lg')]: { display: 'none' } }),
    home: css({
      display: 'flex',
      color: theme.colors.text.secondary,
      ':hover': { color: theme.colors.text.primary },
    }),
    right: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      marginLeft: 'auto',
      flexShrink: 0,
    }),
    badge: css({ display: 'flex', [theme.breakpoints.down('md')]: { display: 'none' } }),
  }
}
