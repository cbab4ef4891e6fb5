import { css } from '@emotion/css'
import type { GrafanaTheme2, NavModelItem } from '@grafana/data'
import { Icon, Link, useStyles2 } from '@grafana/ui'
import { useObservable } from 'react-use'
import { useLocation } from 'react-router-dom-v5-compat'
import { useBoot, visiblePages } from './bootContext'
import { currentPage } from './pageState'

interface Crumb {
  text: string
  url?: string
}

export function Breadcrumbs() {
  const styles = useStyles2(getStyles)
  const boot = useBoot()
  const { pathname } = useLocation()
  const page = useObservable(currentPage, currentPage.value)
  const section = visiblePages(boot).find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
  const root: Crumb = { text: boot.plugin.name, url: visiblePages(boot)[0]?.path }
  const own = chain(page)
  const under: Crumb[] =
    section && own[0]?.text !== section.name ? [{ text: section.name, url: section.path }] : []
  const crumbs = [root, ...under, ...own]
  return (
    <nav aria-label="Breadcrumbs" className={styles.nav}>
      <ol className={styles.list}>
        {crumbs.map(({ text, url }, index) => (
          <li key={`${index} ${text}`} className={styles.item}>
            <Icon name="angle-right" className={styles.separator} />
            {index < crumbs.length - 1 && url !== undefined ? (
              <Link href={url} className={styles.link}>
                {text}
              </Link>
            ) : (
              <span aria-current="page" className={styles.current}>
                {text}
              </span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** A page and what it is below of, outermost first. */
function chain(item: NavModelItem | undefined): Crumb[] {
  if (!item) return []
  const above = chain(item.parentItem)
  return item.hideFromBreadcrumbs ? above : [...above, { text: item.text, url: item.url }]
}

function getStyles(theme: GrafanaTheme2) {
  const clip = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const
  return {
    nav: css({ minWidth: 0, overflow: 'hidden' }),
    list: css({ display: 'flex', listStyle: 'none', minWidth: 0, margin: 0 }),
    item: css({ display: 'flex', alignItems: 'center', minWidth: 0, ...theme.typography.body }),
    separator: css({ color: theme.colors.text.secondary, flexShrink: 0 }),
    link: css({ color: theme.colors.text.primary, padding: theme.spacing(0, 0.5), ...clip }),
    current: css({ padding: theme.spacing(0, 0.5), fontWeight: theme.typography.fontWeightMedium, ...clip }),
  }
}
