import { css } from '@emotion/css'
import { PageLayoutType, type GrafanaTheme2, type NavModelItem } from '@grafana/data'
import type { PluginPageProps } from '@grafana/runtime'
import { Tab, TabsBar, useStyles2 } from '@grafana/ui'
import { useEffect } from 'react'
import { useLocation } from 'react-router-dom-v5-compat'
import { useBoot, visiblePages } from './bootContext'
import { currentPage } from './pageState'

/** A page of a plugin inside of Grafana's frame: title, subtitle, actions, tabs. */
export function PluginPage(props: PluginPageProps) {
  const { pageNav, layout = PageLayoutType.Standard, renderTitle, subTitle, actions, info, children } = props
  const styles = useStyles2(getStyles)
  const section = useSection()
  const shown = pageNav ?? section
  useEffect(() => {
    currentPage.next(shown)
    document.title = `${shown?.text ?? 'Slotwise'} - Preview host`
  })
  if (layout === PageLayoutType.Custom) return <>{children}</>
  const title = shown?.text ?? ''
  const tabs = pageNav?.children?.filter(({ hideFromTabs }) => !hideFromTabs)
  return (
    <div className={styles.page}>
      {layout !== PageLayoutType.Canvas && (
        <div className={styles.head}>
          <div className={styles.titles}>
            {renderTitle ? renderTitle(title) : <h1 className={styles.title}>{title}</h1>}
            {info && info.length > 0 && (
              <dl className={styles.info}>
                {info.map(({ label, value }) => (
                  <div key={label}>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            )}
            <div className={styles.actions}>{actions}</div>
          </div>
          {(subTitle ?? shown?.subTitle) && <div className={styles.sub}>{subTitle ?? shown?.subTitle}</div>}
        </div>
      )}
      {tabs && tabs.length > 0 && (
        <TabsBar>
          {tabs.map((tab) => (
            <Tab
              key={tab.text}
              label={tab.text}
              href={tab.url}
              active={tab.active}
              icon={tab.icon as never}
              counter={tab.tabCounter}
              suffix={tab.tabSuffix as never}
            />
          ))}
        </TabsBar>
      )}
      <div className={styles.content}>{children}</div>
    </div>
  )
}

/** The entry of the navigation that this page belongs to. */
function useSection(): NavModelItem | undefined {
  const { pathname } = useLocation()
  const found = visiblePages(useBoot()).find(
    ({ path }) => pathname === path || pathname.startsWith(`${path}/`),
  )
  return found && { text: found.name, url: found.path }
}

function getStyles(theme: GrafanaTheme2) {
  return {
    page: css({
      display: 'flex',
      flexDirection: 'column',
      flexGrow: 1,
      minWidth: 0,
      padding: theme.spacing(2),
      [theme.breakpoints.up('md')]: { padding: theme.spacing(4) },
    }),
    head: css({ marginBottom: theme.spacing(2) }),
    titles: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1, 2) }),
    title: css({ ...theme.typography.h1, margin: 0, minWidth: 0, overflowWrap: 'anywhere' }),
    info: css({
      display: 'flex',
      gap: theme.spacing(2),
      margin: 0,
      '& dt': { ...theme.typography.bodySmall },
    }),
    actions: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1),
      marginLeft: 'auto',
    }),
    sub: css({ marginTop: theme.spacing(0.5), color: theme.colors.text.secondary }),
    // A block, as in Grafana: in a column of flexible boxes an Alert would grow to fill the page.
    content: css({ flexGrow: 1, minWidth: 0, paddingTop: theme.spacing(2) }),
  }
}
