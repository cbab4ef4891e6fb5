import { css, cx } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, Link, useStyles2, type IconName } from '@grafana/ui'
import { useLocation } from 'react-router-dom-v5-compat'
import { PANELS_PATH } from '../pages/paths'
import { useBoot, visiblePages } from './bootContext'

/** The pages of plugin.json, as Grafana lists them below the app, and the host's own dashboard. */
export function Nav() {
  const styles = useStyles2(getStyles)
  const boot = useBoot()
  return (
    <nav aria-label="Main menu" className={styles.nav}>
      <Section title={boot.plugin.name} icon="apps" entries={visiblePages(boot)} />
      <Section title="Dashboards" icon="dashboard" entries={[{ name: 'Action panels', path: PANELS_PATH }]} />
    </nav>
  )
}

interface SectionProps {
  title: string
  icon: IconName
  entries: { name: string; path: string }[]
}

function Section({ title, icon, entries }: SectionProps) {
  const styles = useStyles2(getStyles)
  const { pathname } = useLocation()
  return (
    <section aria-label={title}>
      <div className={styles.title}>
        <Icon name={icon} size="lg" />
        {title}
      </div>
      <ul className={styles.list}>
        {entries.map(({ name, path }) => {
          const active = pathname === path || pathname.startsWith(`${path}/`)
          return (
            <li key={path}>
              <Link
                href={path}
                className={cx(styles.link, active && styles.active)}
                aria-current={active ? 'page' : undefined}
              >
                {name}
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function getStyles(theme: GrafanaTheme2) {
  return {
    nav: css({ padding: theme.spacing(2, 1) }),
    title: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      padding: theme.spacing(0.75, 1),
      fontWeight: theme.typography.fontWeightMedium,
    }),
    list: css({
      listStyle: 'none',
      margin: theme.spacing(0, 0, 2, 2.25),
      borderLeft: `1px solid ${theme.colors.border.weak}`,
    }),
    link: css({
      display: 'block',
      position: 'relative',
      padding: theme.spacing(0.75, 1.5),
      marginLeft: theme.spacing(1),
      borderRadius: theme.shape.radius.default,
      color: theme.colors.text.secondary,
      ':hover': { color: theme.colors.text.primary, background: theme.colors.action.hover },
    }),
    active: css({
      color: theme.colors.text.primary,
      background: theme.colors.action.selected,
      '::before': {
        content: '""',
        position: 'absolute',
        left: 0,
        top: 4,
        bottom: 4,
        width: 3,
        borderRadius: 2,
        backgroundImage: theme.colors.gradients.brandVertical,
      },
    }),
  }
}
